#include <doctest/doctest.h>

#include "support/memory_artifacts.hpp"
#include "support/rdb_builder.hpp"
#include "support/redis_data.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

constexpr const char* kLibrary =
    "#!lua name=books\nredis.register_function('count', function() return 1 end)";
constexpr const char* kOther =
    "#!lua name=other\nredis.register_function('other', function() return 2 end)";

MemoryArtifacts artifact(const std::string& rdb) {
  MemoryArtifacts artifacts;
  artifacts.content["dump.rdb"] = rdb;
  return artifacts;
}

/// A server alone.
struct Scene {
  Scene() : own("redis"), url(own.value("PRISM_TEST_REDIS")), server(url) {}

  std::string with_user(const std::string& user) const {
    return "redis://" + user + ":secret@" + url.substr(8);
  }
  void restore(MemoryArtifacts artifacts, bool exact = false) {
    redis_target(url, quiet, exact)->restore(artifacts);
  }
  MemoryArtifacts dump() {
    MemoryArtifacts artifacts;
    redis_target(url, quiet)->dump(artifacts);
    return artifacts;
  }
  /// What a restore there ends in; nothing of `url` may have changed.
  Thrown refusal(MemoryArtifacts artifacts, const std::string& into, bool exact = false) {
    const std::string before = redis_state({url});
    const auto target = redis_target(into, quiet, exact);
    const Thrown thrown = thrown_by([&] { target->restore(artifacts); });
    CHECK(redis_state({url}) == before);
    return thrown;
  }

  PrivateServer own;
  std::string url;
  RedisCli server;
  Quiet quiet;
};

/// Encodings that servers before 7.0 wrote.
std::string ziplist(const std::vector<std::string>& entries) {
  std::string body;
  std::size_t before = 0, tail = 10;
  for (const std::string& entry : entries) {
    tail = 10 + body.size();
    body += small_length(before) + small_length(entry.size()) + entry;
    before = 2 + entry.size();
  }
  return raw(static_cast<std::uint32_t>(11 + body.size())) + raw(static_cast<std::uint32_t>(tail)) +
         raw(static_cast<std::uint16_t>(entries.size())) + body + '\xff';
}

}  // namespace

TEST_CASE(
    "contract: redis restore: newer keys, databases and libraries stay, unless it is to be exact") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.server({"MSET", "kept", "1", "changed", "1"});
  scene.server({"FUNCTION", "LOAD", kLibrary});
  const std::string before = redis_state({scene.url});
  const MemoryArtifacts artifacts = scene.dump();
  scene.server({"MSET", "changed", "2", "newer", "1"});
  RedisCli other(scene.url + "/4000");
  other({"SET", "kept", "in another database"});
  scene.server({"FUNCTION", "LOAD", kOther});
  scene.restore(artifacts);
  CHECK(scene.server.text({"GET", "changed"}) == "1");
  CHECK(scene.server.text({"GET", "newer"}) == "1");
  CHECK(other.text({"GET", "kept"}) == "in another database");
  CHECK(scene.server({"FUNCTION", "LIST"})->items.size() == 2);
  scene.restore(artifacts, true);
  CHECK(redis_state({scene.url}) == before);
}

TEST_CASE("contract: redis restore: from a Cluster into a server and back") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  Scene scene;
  PrivateServer own("redis-cluster");
  const std::string url = own.value("PRISM_TEST_REDIS_CLUSTER");
  const auto masters = masters_of(url);
  fill_redis_cluster(masters, 1000);
  for (const std::string& master : masters) {
    RedisCli server(master);
    server({"FUNCTION", "LOAD", kLibrary});
  }
  const std::string before = redis_state(masters);
  const auto cluster = redis_target(url, scene.quiet);
  MemoryArtifacts artifacts;
  CHECK(cluster->dump(artifacts).counts == backup::Counts{{"db0 keys", 1000}, {"functions", 1}});
  CHECK(artifacts.names() == std::vector<std::string>{"node-0.rdb", "node-1.rdb", "node-2.rdb"});
  scene.restore(artifacts);
  CHECK(redis_state({scene.url}) == before);
  CHECK(scene.dump().names() == std::vector<std::string>{"dump.rdb"});
  empty_redis(masters);
  MemoryArtifacts of_server = scene.dump();
  cluster->restore(of_server);
  CHECK(redis_state(masters) == before);
  CHECK_FALSE(cluster->unfinished());
}

TEST_CASE("contract: redis restore: other databases into a Cluster are refused beforehand") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  Scene scene;
  PrivateServer own("redis-cluster");
  const std::string url = own.value("PRISM_TEST_REDIS_CLUSTER");
  scene.server({"SET", "zero", "1"});
  scene.server({"SELECT", "6"});
  scene.server({"SET", "six", "1"});
  MemoryArtifacts artifacts = scene.dump();
  const auto cluster = redis_target(url, scene.quiet);
  const Thrown refusal = thrown_by([&] { cluster->restore(artifacts); });
  CHECK(refusal.code == ErrorCode::configuration);
  CHECK(refusal.says("1 keys in database 6"));
  CHECK_FALSE(cluster->present(prism::backup::Look::counted));
  CHECK_FALSE(cluster->unfinished());
  const auto node = redis_target(masters_of(url).front(), scene.quiet);
  CHECK(thrown_by([&] { node->restore(artifacts); }).says("a node of a Redis Cluster"));
}

TEST_CASE("contract: redis restore: a database that the server lacks is refused beforehand") {
  if (!has_service("PRISM_TEST_REDIS_ACL")) return;
  Scene scene;
  scene.server({"SET", "zero", "1"});
  scene.server({"SELECT", "20"});
  scene.server({"SET", "twenty", "1"});
  MemoryArtifacts artifacts = scene.dump();
  PrivateServer own("redis-acl");
  const auto target = redis_target(own.value("PRISM_TEST_REDIS_ACL"), scene.quiet);
  const Thrown refusal = thrown_by([&] { target->restore(artifacts); });
  CHECK(refusal.code == ErrorCode::configuration);
  CHECK(refusal.says("in database 20, which is not there"));
  CHECK_FALSE(target->present(prism::backup::Look::counted));
}

TEST_CASE("contract: redis restore: an RDB that is newer than the server is refused beforehand") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.server({"SET", "a", "1"});
  for (const auto& [version, release] : {std::pair{"REDIS0011", "7.2"}, {"REDIS0012", "7.4"}}) {
    const std::string rdb = rdb_of(rdb_key(0, "b", rdb_string("x")), version);
    const Thrown refusal = scene.refusal(artifact(rdb), scene.url, true);
    CHECK(refusal.code == ErrorCode::configuration);
    CHECK(refusal.says("Redis 7.0.15 is too old"));
    CHECK(refusal.hint.find(release) != std::string::npos);
  }
}

TEST_CASE("contract: redis restore: a module's values without the module are refused beforehand") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  const std::string number = raw(__builtin_bswap64(std::uint64_t{0x4478944cb88fd400}));
  const std::string rdb = rdb_of(rdb_key(0, "a", rdb_string("x")) +
                                 rdb_key(7, "b", '\x81' + number + std::string(1, '\0')));
  const Thrown refusal = scene.refusal(artifact(rdb), scene.url);
  CHECK(refusal.code == ErrorCode::configuration);
  CHECK(refusal.says("values of a module's type"));
}

TEST_CASE("contract: redis restore: every right that is missing is found beforehand") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.server({"SET", "a", "1"});
  scene.server({"FUNCTION", "LOAD", kLibrary});
  RedisCli other(scene.url + "/1");
  other({"SET", "b", "1"});
  const MemoryArtifacts artifacts = scene.dump();
  for (const std::string right : {"restore", "del", "hset", "hgetall", "select", "info",
                                  "function|load", "function|delete", "scan", "unlink"}) {
    CAPTURE(right);
    scene.server({"ACL", "SETUSER", "less", "reset", "on", ">secret", "~*", "+@all", "-" + right});
    const Thrown refusal = scene.refusal(artifacts, scene.with_user("less"), true);
    CHECK(refusal.code == ErrorCode::permission);
    CHECK(refusal.says(right));
  }
  scene.server({"ACL", "SETUSER", "less", "reset", "on", ">secret", "~a*", "+@all"});
  CHECK(scene.refusal(artifacts, scene.with_user("less")).code == ErrorCode::permission);
}

TEST_CASE("contract: redis restore: a replica and one without memory are refused beforehand") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.server({"SET", "a", "1"});
  const MemoryArtifacts artifacts = scene.dump();
  scene.server({"CONFIG", "SET", "maxmemory", "500000"});
  const Thrown small = scene.refusal(artifacts, scene.url);
  CHECK(small.code == ErrorCode::configuration);
  CHECK(small.says("maxmemory is 500,000 bytes"));
  const Thrown full = scene.refusal(artifact(rdb_of(rdb_key(0, "a", rdb_string("x")))), scene.url);
  CHECK(full.code == ErrorCode::io);
  CHECK(full.says("has no memory left (OOM"));
  scene.server({"CONFIG", "SET", "maxmemory", "0"});
  scene.server({"REPLICAOF", "127.0.0.1", "1"});
  const Thrown replica = scene.refusal(artifacts, scene.url);
  CHECK(replica.code == ErrorCode::unavailable);
  CHECK(replica.says("is a replica, which takes no writes"));
}

TEST_CASE("contract: redis restore: a value larger than the server takes is refused beforehand") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.server({"CONFIG", "SET", "rdbcompression", "no"});
  scene.server({"SET", "a", std::string(2'000'000, 'x')});
  const MemoryArtifacts artifacts = scene.dump();
  scene.server({"CONFIG", "SET", "proto-max-bulk-len", "1048576"});
  const Thrown refusal = scene.refusal(artifacts, scene.url);
  CHECK(refusal.code == ErrorCode::configuration);
  CHECK(refusal.says("the largest value of the backup has 2,000,005 bytes"));
}

TEST_CASE("contract: redis restore: what has expired meanwhile is left out") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  const std::string past = "\xfc" + raw(std::int64_t{1'000'000'000'000});
  const std::string future = "\xfc" + raw(std::int64_t{4'102'444'800'123});
  const std::string value = rdb_string("x");
  const MemoryArtifacts artifacts =
      artifact(rdb_of(past + rdb_key(0, "gone", value) + past + rdb_key(0, "again", value) +
                      future + rdb_key(0, "there", value)));
  scene.server({"SET", "again", "newer"});
  scene.restore(artifacts);
  CHECK(scene.server.sorted({"KEYS", "*"}) == std::vector<std::string>{"again", "there"});
  CHECK(scene.server.text({"GET", "again"}) == "newer");
  CHECK(scene.server.integer({"PEXPIRETIME", "there"}) == 4'102'444'800'123);
  scene.restore(artifacts, true);
  CHECK(scene.server.sorted({"KEYS", "*"}) == std::vector<std::string>{"there"});
}

TEST_CASE("contract: redis restore: how often and how long ago keys were used") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  const MemoryArtifacts artifacts =
      artifact(rdb_of("\xf9\x63" + rdb_key(0, "often", rdb_string("x")) + "\xf8\x40\xff" +
                      rdb_key(0, "idle", rdb_string("x"))));
  scene.server({"CONFIG", "SET", "maxmemory-policy", "allkeys-lfu"});
  scene.restore(artifacts);
  CHECK(scene.server.integer({"OBJECT", "FREQ", "often"}) == 0x63);
  scene.server({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  scene.restore(artifacts);
  CHECK(scene.server.integer({"OBJECT", "IDLETIME", "idle"}) >= 255);
}

TEST_CASE("contract: redis restore: encodings of older servers") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  const std::string a = rdb_string("a"), b = rdb_string("b");
  scene.restore(artifact(rdb_of(
      rdb_key(1, "list", "\2" + a + b) + rdb_key(3, "zset", "\2" + a + "\3" + "1.5" + b + "\xfe") +
          rdb_key(9, "zipmap", rdb_string(std::string("\1\1a\1\0b\xff", 7))) +
          rdb_key(10, "ziplist", rdb_string(ziplist({"a", "b"}))) +
          rdb_key(12, "zset:ziplist", rdb_string(ziplist({"a", "2.5"}))) +
          rdb_key(13, "hash:ziplist", rdb_string(ziplist({"a", "b"}))) +
          rdb_key(14, "quicklist", "\2" + rdb_string(ziplist({"a"})) + rdb_string(ziplist({"b"}))),
      "REDIS0009")));
  const std::vector<std::string> both{"a", "b"};
  for (const char* const list : {"list", "ziplist", "quicklist"}) {
    CHECK(scene.server.sorted({"LRANGE", list, "0", "-1"}) == both);
  }
  CHECK(scene.server.text({"HGET", "zipmap", "a"}) == "b");
  CHECK(scene.server.text({"HGET", "hash:ziplist", "a"}) == "b");
  CHECK(scene.server.text({"ZSCORE", "zset", "b"}) == "inf");
  CHECK(scene.server.text({"ZSCORE", "zset:ziplist", "a"}) == "2.5");
}

TEST_CASE("contract: redis restore: values that don't fit into memory go through a file") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.server({"CONFIG", "SET", "rdbcompression", "no"});
  scene.server({"SET", "before", "1"});
  scene.server({"SETRANGE", "large", "40000000", "end"});
  for (int i = 0; i < 30; ++i) {
    scene.server({"HSET", "hash", std::to_string(i), std::string(300'000, 'h')});
  }
  scene.server({"PEXPIREAT", "hash", "4102444800123"});
  const std::string before = redis_state({scene.url});
  const MemoryArtifacts artifacts = scene.dump();
  scene.server({"FLUSHALL"});
  scene.restore(artifacts);
  CHECK(redis_state({scene.url}) == before);
}

TEST_CASE("contract: redis restore: a library that can't be loaded ends it before any key") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.server({"SET", "a", "1"});
  scene.server({"FUNCTION", "LOAD", kLibrary});
  MemoryArtifacts artifacts = scene.dump();
  scene.server({"FUNCTION", "FLUSH"});
  scene.server({"SET", "a", "2"});
  scene.server({"FUNCTION", "LOAD",
                "#!lua name=clash\nredis.register_function('count', function() return 3 end)"});
  const auto target = redis_target(scene.url, scene.quiet);
  const Thrown refusal = thrown_by([&] { target->restore(artifacts); });
  CHECK(refusal.says("already exists"));
  CHECK(refusal.hint.find("the same again finishes it") != std::string::npos);
  CHECK(scene.server.text({"GET", "a"}) == "2");
  CHECK(target->unfinished());
  scene.restore(artifacts, true);
  CHECK_FALSE(target->unfinished());
  CHECK(scene.server.text({"GET", "a"}) == "1");
}

}  // namespace prism::test
