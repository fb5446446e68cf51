#include <doctest/doctest.h>

#include "contract/component.hpp"
#include "support/memory_artifacts.hpp"
#include "support/redis_data.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

constexpr const char* kLibrary =
    "#!lua name=books\nredis.register_function('count', function() return 1 end)";
constexpr const char* kOther =
    "#!lua name=other\nredis.register_function('other', function() return 2 end)";

/// A whole server, of which a restore leaves nothing that the backup lacks.
class RedisTarget : public contract::ComponentFixture {
 public:
  RedisTarget() : own_("redis"), url_(own_.value("PRISM_TEST_REDIS")) {
    test::fill_redis(url_, "a:");
    test::fill_redis(url_ + "/3", "b:");
    test::RedisCli server(url_ + "/200");
    server({"SET", "alone", "1"});
    server({"FUNCTION", "LOAD", kLibrary});
  }

  std::unique_ptr<backup::Component> open() override {
    return test::redis_target(url_ + "/3", quiet_, true);
  }
  std::string state() override { return test::redis_state({url_}); }

  void change() override {
    test::RedisCli server(url_);
    server({"DEL", "a:stream", "a:expires"});
    server({"SET", "a:hash:large", "another type"});
    server({"PEXPIRE", "a:list:long", "100000"});
    server({"SET", "newer", "1"});
    server({"FUNCTION", "LOAD", "REPLACE", kOther});
    test::RedisCli other(url_ + "/9");
    other({"SET", "newer", "in a newer database"});
  }

  void remove() override { test::empty_redis({url_}); }

 private:
  test::PrivateServer own_;
  std::string url_;
  test::Quiet quiet_;
};

class RedisClusterTarget : public contract::ComponentFixture {
 public:
  RedisClusterTarget()
      : own_("redis-cluster"),
        url_(own_.value("PRISM_TEST_REDIS_CLUSTER")),
        masters_(test::masters_of(url_)) {
    test::fill_redis_cluster(masters_, 500);
    for (const std::string& url : masters_) {
      test::RedisCli server(url);
      server({"FUNCTION", "LOAD", kLibrary});
    }
  }

  std::unique_ptr<backup::Component> open() override {
    return test::redis_target(url_, quiet_, true);
  }
  std::string state() override { return test::redis_state(masters_); }

  void change() override {
    for (const std::string& url : masters_) {
      test::RedisCli server(url);
      for (int i = 0; i < 700; i += 7) {
        const std::string name = std::to_string(i);
        server({"DEL", name});
        server({"SET", "newer:" + name, "1"});
      }
      server({"FUNCTION", "LOAD", "REPLACE", kOther});
    }
  }

  void remove() override { test::empty_redis(masters_); }

 private:
  test::PrivateServer own_;
  std::string url_;
  std::vector<std::string> masters_;
  test::Quiet quiet_;
};

template <typename Target>
void check(const char* variable, void (*check)(contract::ComponentFixture&)) {
  if (!test::has_service(variable)) return;
  Target fixture;
  check(fixture);
}

/// Unlike a file, a server that holds nothing is there: it is dumped, and restored as empty.
void check_empty(contract::ComponentFixture& fixture) {
  const auto before = fixture.state();
  fixture.remove();
  const auto empty = fixture.state();
  test::MemoryArtifacts artifacts;
  CHECK(fixture.open()->dump(artifacts).counts.empty());
  CHECK(fixture.open()->check(artifacts).counts.empty());
  CHECK_FALSE(fixture.open()->present(prism::backup::Look::counted).has_value());
  fixture.change();
  CHECK(fixture.state() != empty);
  fixture.open()->restore(artifacts);
  CHECK(fixture.state() == empty);
  CHECK(before != empty);
}

}  // namespace

// Not check_missing_target: a Redis that is empty is no missing one, see check_empty. Not
// check_restore_of_what_is_damaged: a server with damaged data does not start.
#define PRISM_REDIS_CASES(CASE)                                                               \
  CASE(contract::check_dump_and_restore, "dump, change, restore: all is as it was")           \
  CASE(contract::check_restore_of_what_is_gone, "what is gone comes back")                    \
  CASE(contract::check_counts, "target, dump, artifacts and restore are counted alike")       \
  CASE(contract::check_damaged_artifacts, "damaged artifacts are refused and change nothing") \
  CASE(check_empty, "an empty server is a target")

#define CASE(name, words)                                                                       \
  TEST_CASE("contract: redis target: " words) { check<RedisTarget>("PRISM_TEST_REDIS", name); } \
  TEST_CASE("contract: redis cluster target: " words) {                                         \
    check<RedisClusterTarget>("PRISM_TEST_REDIS_CLUSTER", name);                                \
  }
PRISM_REDIS_CASES(CASE)
#undef CASE

}  // namespace prism
