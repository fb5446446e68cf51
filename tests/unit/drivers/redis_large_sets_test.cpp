#include <algorithm>
#include <functional>

#include <doctest/doctest.h>

#include <prism/drivers/redis/dumped_set.hpp>

#include "support/redis.hpp"
#include "support/services.hpp"

namespace prism::redis {
namespace {

using Uids = std::vector<Uid>;
using test::RedisCli;
using test::RedisDatabase;

constexpr Uid kEntity = 7;
constexpr const char* kKey = "rlc:entity:7:subtypes";

/// UIDs of every width that the server has, more than it keeps in an intset.
Uids sample() {
  Uids all{1,     127,        128,        32'767,        32'768,
           1'000, 65'536,     2147483646, 2147483647,    2147483648,
           9'999, 2000000001, 4294967296, 1000000000000, kGreatestUid};
  for (Uid i = 0; i < 1000; ++i) all.push_back(100'000 + 17 * i);
  std::sort(all.begin(), all.end());
  return all;
}

void rebuild(RedisDatabase& database, const Uids& members) {
  const auto sink = database.open();
  sink->begin(cache::kFamilies);
  sink->put(cache::Family::facts, 5, Uids{1, 2});
  sink->put(cache::Family::subtypes, kEntity, members);
  sink->commit({.generation = 1, .started = "a", .finished = "b", .watermark = 1, .counts = {}});
}

Uids held(RedisDatabase& database) {
  const auto sink = database.open();
  Uids members = sink->read(cache::Family::subtypes, kEntity);
  std::sort(members.begin(), members.end());
  return members;
}

/// Where a set lies in the server's memory, which a write changes.
std::string address(RedisCli& cli) {
  const std::string told = cli.text({"DEBUG", "OBJECT", kKey});
  return told.substr(0, told.find(' ', told.find("at:")));
}

}  // namespace

TEST_CASE("redis: a set of every width is read from what the server dumps") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  RedisDatabase database("PRISM_TEST_REDIS");
  rebuild(database, sample());
  RedisCli cli(database.url());
  const std::string dump = cli.text({"DUMP", kKey});
  const auto read = read_dumped_set(dump);
  REQUIRE(read);
  CHECK(*read == sample());
  CHECK_FALSE(read_dumped_set(cli.text({"DUMP", "rlc:entity:5:facts"})));
  for (std::size_t size = 0; size < dump.size(); ++size) {
    CHECK_FALSE(read_dumped_set(std::string_view(dump).substr(0, size)));
  }
}

TEST_CASE("redis: a dumped set with other members than UIDs is none of ours") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  RedisDatabase database("PRISM_TEST_REDIS");
  RedisCli cli(database.url());
  for (const char* member : {"x", "007", "1.0", "", "99999999999999999999"}) {
    cli({"DEL", "s"});
    cli({"SADD", "s", "1", member});
    // Too large for a listpack, so that it is a hash table whatever the server's version.
    cli({"SADD", "s", "12345", std::string(100, 'y')});
    CHECK_FALSE(read_dumped_set(cli.text({"DUMP", "s"})));
  }
}

TEST_CASE("redis: lengths that a dump does not hold are refused") {
  const std::string footer(10, '\0');
  CHECK_FALSE(read_dumped_set(std::string("\x02\x80\xff\xff\xff\xff\x01"
                                          "1",
                                          8) +
                              footer));
  CHECK_FALSE(read_dumped_set(std::string("\x02\x81", 2) + std::string(8, '\xff') + footer));
  CHECK_FALSE(read_dumped_set(std::string("\x02\x01\x3f"
                                          "1",
                                          4) +
                              footer));
  CHECK_FALSE(read_dumped_set(std::string("\x02\x01\xc3\x01\x01"
                                          "1",
                                          6) +
                              footer));
}

TEST_CASE("redis: a large set that is there already is not written again") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  RedisDatabase database("PRISM_TEST_REDIS");
  RedisCli cli(database.url());
  rebuild(database, sample());
  const std::string before = address(cli);
  REQUIRE(before.find("at:") != std::string::npos);
  rebuild(database, sample());
  CHECK(address(cli) == before);
  CHECK(held(database) == sample());
}

TEST_CASE("redis: a large set that differs in anything is written") {
  if (!test::has_service("PRISM_TEST_REDIS")) return;
  RedisDatabase database("PRISM_TEST_REDIS");
  RedisCli cli(database.url());
  const std::vector<std::function<void()>> changes{
      [&] {
        cli({"SREM", kKey, "32768"});
      },
      [&] {
        cli({"SADD", kKey, "3"});
      },
      [&] {
        cli({"SREM", kKey, "32768"}), cli({"SADD", kKey, "032768"});
      },
      [&] {
        cli({"DEL", kKey});
      },
      [&] {
        cli({"SET", kKey, "x"});
      },
      [&] {
        cli({"EXPIRE", kKey, "1000"});
      },
  };
  for (const auto& change : changes) {
    rebuild(database, sample());
    change();
    rebuild(database, sample());
    CHECK(held(database) == sample());
    CHECK(cli.integer({"PTTL", kKey}) == -1);
  }
}

}  // namespace prism::redis
