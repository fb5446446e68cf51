#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <prism/base/queue.hpp>

namespace prism {

TEST_CASE("base: a queue hands items over in their order") {
  BoundedQueue<int> queue(3);
  std::vector<int> got;
  std::thread taker([&] {
    while (const auto item = queue.pop()) got.push_back(*item);
  });
  for (int i = 0; i < 1000; ++i) CHECK(queue.push(i));
  queue.close();
  taker.join();
  REQUIRE(got.size() == 1000);
  for (int i = 0; i < 1000; ++i) CHECK(got[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("base: no more than the capacity is under way") {
  BoundedQueue<int> queue(2);
  std::atomic<int> given = 0;
  std::thread giver([&] {
    for (int i = 0; i < 100 && queue.push(i); ++i) ++given;
    queue.close();
  });
  for (int taken = 1; queue.pop(); ++taken) CHECK(given <= taken + 2);
  giver.join();
  CHECK(given == 100);
}

TEST_CASE("base: a closed queue takes nothing in but gives what it holds") {
  BoundedQueue<int> queue(4);
  CHECK(queue.push(1));
  CHECK(queue.push(2));
  queue.close();
  CHECK_FALSE(queue.push(3));
  CHECK(queue.pop() == 1);
  CHECK(queue.pop() == 2);
  CHECK_FALSE(queue.pop().has_value());
  CHECK_FALSE(queue.pop().has_value());
}

TEST_CASE("base: closing wakes a giver that waits for room") {
  BoundedQueue<int> queue(1);
  CHECK(queue.push(1));
  std::atomic<bool> refused = false;
  std::thread giver([&] { refused = !queue.push(2); });
  queue.close();
  giver.join();
  CHECK(refused);
}

TEST_CASE("base: closing wakes a taker that waits for an item") {
  BoundedQueue<int> queue(1);
  std::atomic<bool> nothing = false;
  std::thread taker([&] { nothing = !queue.pop().has_value(); });
  queue.close();
  taker.join();
  CHECK(nothing);
}

TEST_CASE("base: items may be such as can only be moved") {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  CHECK(queue.push(std::make_unique<int>(7)));
  const auto item = queue.pop();
  REQUIRE(item.has_value());
  CHECK(**item == 7);
}

}  // namespace prism
