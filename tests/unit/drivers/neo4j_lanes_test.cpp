#include <algorithm>
#include <bit>
#include <thread>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/apart_queue.hpp>
#include <prism/drivers/neo4j/fact_cells.hpp>

namespace prism::neo4j {
namespace {

constexpr std::size_t kMuch = std::size_t{1} << 20;

FactRows rows_of(std::initializer_list<std::pair<Uid, Uid>> sides) {
  FactRows rows;
  Uid fact = 100;
  for (const auto& [left, right] : sides) rows.add({++fact, left, right, "\xA0"});
  return rows;
}

/// Those that are given, as the lists of their facts.
struct Given {
  std::vector<FactRows> batches;
  FactCells::Give give() {
    return [this](FactRows rows) { batches.push_back(std::move(rows)); };
  }
  std::vector<Uid> facts() const {
    std::vector<Uid> all;
    for (const FactRows& rows : batches) {
      all.insert(all.end(), rows.facts().begin(), rows.facts().end());
    }
    std::sort(all.begin(), all.end());
    return all;
  }
};

}  // namespace

TEST_CASE("neo4j lanes: facts are collected by the groups of their entities, and none is lost") {
  Given given;
  FactCells cells(kMuch, given.give());
  std::vector<Uid> facts;
  for (Uid fact = 1; fact <= 1000; ++fact) {
    facts.push_back(fact);
    cells.add({fact, fact * 7 % 31, fact * 5 % 17, "\xA0"}, 40);
  }
  const std::size_t full = given.batches.size();
  cells.flush();
  CHECK(full > 10);
  CHECK(given.facts() == facts);
  for (std::size_t i = 0; i < given.batches.size(); ++i) {
    CHECK(std::popcount(given.batches[i].groups()) <= 2);
    CHECK((i < full ? given.batches[i].size() == 40 : given.batches[i].size() < 40));
  }
  cells.flush();
  CHECK(given.facts() == facts);
}

TEST_CASE("neo4j lanes: no more than so many bytes are collected") {
  Given given;
  FactCells cells(1000, given.give());
  const std::string large = "\xDA\x01\xF4" + std::string(500, 'x');
  cells.add({1, 0, 0, "\xA0"}, 1000);
  cells.add({2, 1, 2, large}, 1000);
  CHECK(given.batches.empty());
  cells.add({3, 2, 1, large}, 1000);
  CHECK(given.facts() == std::vector<Uid>{2, 3});
  cells.flush();
  CHECK(given.facts() == std::vector<Uid>{1, 2, 3});
}

TEST_CASE("neo4j lanes: batches under way have no entity in common") {
  ApartQueue<Batch> queue(kMuch);
  queue.push({"a", rows_of({{1, 2}})});
  queue.push({"b", rows_of({{6, 2}})});
  queue.push({"c", rows_of({{3, 4}})});
  queue.close();
  const auto first = queue.pop();
  const auto second = queue.pop();
  REQUIRE(second);
  CHECK(first->batch.part == "a");
  CHECK(second->batch.part == "c");
  std::optional<ApartQueue<Batch>::Taken> third;
  std::thread waits([&] { third = queue.pop(); });
  queue.done(second->groups);
  queue.done(first->groups);
  waits.join();
  REQUIRE(third);
  CHECK(third->batch.part == "b");
  queue.done(third->groups);
  CHECK_FALSE(queue.pop());
  CHECK_FALSE(queue.push({"d", rows_of({{1, 2}})}));
}

TEST_CASE("neo4j lanes: who gives too much waits, and what ends a lane ends all") {
  ApartQueue<Batch> queue(1);
  queue.push({"a", rows_of({{1, 1}})});
  bool second = true;
  std::thread gives([&] { second = queue.push({"b", rows_of({{1, 1}})}); });
  queue.stop();
  gives.join();
  CHECK_FALSE(second);
  CHECK_FALSE(queue.pop());
}

}  // namespace prism::neo4j
