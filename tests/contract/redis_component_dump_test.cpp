#include <doctest/doctest.h>

#include <prism/drivers/redis/restore_record.hpp>

#include "support/memory_artifacts.hpp"
#include "support/rdb_builder.hpp"
#include "support/redis_data.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

constexpr const char* kLibrary =
    "#!lua name=books\nredis.register_function('count', function() return 1 end)";

/// A server alone, filled.
struct Scene {
  Scene() : own("redis"), url(own.value("PRISM_TEST_REDIS")) {
    fill_redis(url);
    fill_redis(url + "/77", "other:");
    RedisCli server(url);
    server({"FUNCTION", "LOAD", kLibrary});
  }

  std::string with_user(const std::string& user) const {
    return "redis://" + user + ":secret@" + url.substr(8);
  }
  std::filesystem::path home() const {
    return std::filesystem::path(own.value("PRISM_TEST_REDIS_SOCKET")).parent_path();
  }
  backup::Content dump(MemoryArtifacts& artifacts, const std::string& from) {
    return redis_target(from, quiet)->dump(artifacts);
  }
  Thrown refusal(const std::string& from) {
    return thrown_by([&] {
      MemoryArtifacts artifacts;
      dump(artifacts, from);
    });
  }

  PrivateServer own;
  std::string url;
  Quiet quiet;
};

}  // namespace

TEST_CASE("contract: redis dump: a plain redis-server starts with the artifact as its dump.rdb") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  const std::string before = redis_state({scene.url});
  MemoryArtifacts artifacts;
  scene.dump(artifacts, scene.url);
  empty_redis({scene.url});
  REQUIRE(redis_state({scene.url}) != before);
  scene.own.stop();
  std::ofstream(scene.home() / "dump.rdb", std::ios::binary) << artifacts.content.at("dump.rdb");
  scene.own.restart();
  CHECK(redis_state({scene.url}) == before);
}

TEST_CASE("contract: redis dump: from the disk with a length, and from memory up to a mark") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  RedisCli server(scene.url);
  backup::Counts counts;
  for (const char* const diskless : {"no", "yes"}) {
    CAPTURE(std::string(diskless));
    server({"CONFIG", "SET", "repl-diskless-sync", diskless});
    MemoryArtifacts artifacts;
    const auto content = scene.dump(artifacts, scene.url);
    CHECK(content.counts.at("db77 keys") == 30);
    CHECK(content.counts.at("functions") == 1);
    CHECK(content.version == "7.0.15");
    CHECK((counts.empty() || counts == content.counts));
    counts = content.counts;
    CHECK(redis_target(scene.url, scene.quiet)->check(artifacts).counts == counts);
  }
}

TEST_CASE("contract: redis dump: by SYNC where there is no PSYNC") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  TcpProxy proxy(scene.url.substr(8));
  proxy.replace("PSYNC", "PSYNX");
  for (const char* const diskless : {"no", "yes"}) {
    RedisCli server(scene.url);
    server({"CONFIG", "SET", "repl-diskless-sync", diskless});
    MemoryArtifacts artifacts;
    const auto content = scene.dump(artifacts, "redis://" + proxy.address());
    CHECK(content.counts ==
          redis_target(scene.url, scene.quiet)->present(prism::backup::Look::counted)->counts);
  }
}

TEST_CASE("contract: redis dump: a server that ignores rdb-only and goes on with commands") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  TcpProxy proxy(scene.url.substr(8));
  proxy.replace("rdb-only", "rdb-onlx");
  MemoryArtifacts artifacts;
  const auto content = scene.dump(artifacts, "redis://" + proxy.address());
  CHECK(content.counts == redis_target(scene.url, scene.quiet)->check(artifacts).counts);
  CHECK(proxy.wait_for(TcpProxy::to_client, artifacts.content.at("dump.rdb").size()));
}

TEST_CASE("contract: redis dump: two rights are enough, and each that is missing is named") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  RedisCli server(scene.url);
  server({"ACL", "SETUSER", "both", "on", ">secret", "+psync", "+replconf"});
  server({"ACL", "SETUSER", "nopsync", "on", ">secret", "~*", "+@all", "-psync"});
  server({"ACL", "SETUSER", "noreplconf", "on", ">secret", "~*", "+@all", "-replconf"});
  server({"ACL", "SETUSER", "neither", "on", ">secret", "~*", "+@all", "-psync", "-replconf"});
  MemoryArtifacts artifacts;
  CHECK_FALSE(scene.dump(artifacts, scene.with_user("both")).counts.empty());
  const Thrown psync = scene.refusal(scene.with_user("nopsync"));
  CHECK(psync.code == ErrorCode::permission);
  CHECK(psync.says("lacks the rights +psync,"));
  const Thrown replconf = scene.refusal(scene.with_user("noreplconf"));
  CHECK(replconf.code == ErrorCode::permission);
  CHECK(replconf.says("lacks the rights +replconf,"));
  CHECK(scene.refusal(scene.with_user("neither")).says("+replconf and +psync"));
  CHECK(psync.hint.find("+psync +replconf") != std::string::npos);
}

TEST_CASE("contract: redis dump: a replica is dumped, one without its primary is not") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  PrivateServer second("redis");
  const std::string replica = second.value("PRISM_TEST_REDIS");
  const std::string port = scene.url.substr(scene.url.rfind(':') + 1);
  RedisCli server(replica);
  server({"REPLICAOF", "127.0.0.1", port});
  REQUIRE(comes_true([&] {
    return server.text({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
  }));
  MemoryArtifacts artifacts;
  CHECK(scene.dump(artifacts, replica).counts.at("db77 keys") == 30);
  server({"REPLICAOF", "127.0.0.1", "1"});
  const Thrown refusal = scene.refusal(replica);
  CHECK(refusal.code == ErrorCode::unavailable);
  CHECK(refusal.says("a replica without its primary"));
}

TEST_CASE("contract: redis dump: a server that is down is none that holds nothing") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.own.kill();
  CHECK(scene.refusal(scene.url).code == ErrorCode::unavailable);
  const auto target = redis_target(scene.url, scene.quiet);
  CHECK(thrown_by([&] { target->present(prism::backup::Look::counted); }).code ==
        ErrorCode::unavailable);
  CHECK(thrown_by([&] { target->unfinished(); }).code == ErrorCode::unavailable);
}

TEST_CASE("contract: redis dump and restore: over TLS") {
  if (!has_service("PRISM_TEST_REDIS_TLS")) return;
  PrivateServer own("redis-tls");
  redis::ComponentOptions options{.address =
                                      redis::parse_address(own.value("PRISM_TEST_REDIS_TLS"))};
  options.settings.ca_file = own.value("PRISM_TEST_TLS_DIR") + "/ca.crt";
  Quiet quiet;
  const auto target = redis::open_component(options, quiet.log(), quiet.cancel());
  const std::string large(10'000'000, 'x');
  const std::string key = rdb_key(0, "a", '\x80' + raw(__builtin_bswap32(10'000'000)) + large);
  MemoryArtifacts artifacts;
  artifacts.content["dump.rdb"] = rdb_of(key + rdb_key(0, "b", rdb_string("y")));
  CHECK(target->restore(artifacts).counts == backup::Counts{{"db0 keys", 2}});
  MemoryArtifacts again;
  CHECK(target->dump(again).counts == backup::Counts{{"db0 keys", 2}});
  CHECK(target->check(again).counts == backup::Counts{{"db0 keys", 2}});
}

TEST_CASE("contract: redis dump: slots that are being moved") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  PrivateServer own("redis-cluster");
  const std::string url = own.value("PRISM_TEST_REDIS_CLUSTER");
  const auto masters = masters_of(url);
  RedisCli first(masters.front());
  RedisCli last(masters.back());
  const std::string id = last.text({"CLUSTER", "MYID"});
  REQUIRE(first.text({"CLUSTER", "SETSLOT", "0", "MIGRATING", id}) == "OK");
  Quiet quiet;
  MemoryArtifacts artifacts;
  const auto target = redis_target(url, quiet);
  const Thrown refusal = thrown_by([&] { target->dump(artifacts); });
  CHECK(refusal.code == ErrorCode::unavailable);
  CHECK(refusal.says("slots of the Cluster are being moved"));
  first({"CLUSTER", "SETSLOT", "0", "STABLE"});
  CHECK(target->dump(artifacts).counts.empty());
}

TEST_CASE("contract: redis dump: one node of a Cluster is not the whole") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  const auto url = service("PRISM_TEST_REDIS_CLUSTER").value();
  Quiet quiet;
  MemoryArtifacts artifacts;
  const auto target = redis_target(masters_of(url).front(), quiet);
  const Thrown refusal = thrown_by([&] { target->dump(artifacts); });
  CHECK(refusal.code == ErrorCode::configuration);
  CHECK(refusal.says("a node of a Redis Cluster"));
}

TEST_CASE("contract: redis dump: the master of a Sentinel, all its databases") {
  if (!has_service("PRISM_TEST_REDIS_SENTINEL")) return;
  RedisDatabase database("PRISM_TEST_REDIS_SENTINEL");
  const auto master = redis::parse_address(database.url());
  const std::string sentinel = "redis://" + master.endpoints.front().text();
  const auto named = RedisCli(sentinel)({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master.master});
  RedisCli server("redis://" + named->items[0]->text + ":" + named->items[1]->text + "/3");
  server({"SET", "dumped", "1"});
  const auto target = redis_target(database.url(), database.quiet());
  MemoryArtifacts artifacts;
  CHECK(target->dump(artifacts).counts.at("db3 keys") == 1);
  CHECK(target->location().ends_with("/" + master.master));
}

TEST_CASE("contract: redis dump: the record of a restore is no key of the user") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  PrivateServer own("redis");
  const std::string url = own.value("PRISM_TEST_REDIS");
  Quiet quiet;
  RedisCli server(url);
  const auto target = redis_target(url + "/5", quiet);
  CHECK_FALSE(target->unfinished());
  server({"HSET", redis::kRestoreRecord, "started", "2026-11-21T10:15:00Z", "host", "mars", "what",
          "3 keys"});
  CHECK_FALSE(target->present(prism::backup::Look::counted));
  CHECK(target->unfinished() ==
        "a restore of 3 keys, begun 2026-11-21T10:15:00Z on mars, did not come to its end");
  MemoryArtifacts artifacts;
  const auto content = target->dump(artifacts);
  CHECK(content.counts.empty());
  CHECK(content.remarks.size() == 1);
  target->restore(artifacts);
  CHECK_FALSE(target->unfinished());
}

TEST_CASE("contract: redis dump: any byte of a real one that is changed or missing is found") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  PrivateServer own("redis");
  const std::string url = own.value("PRISM_TEST_REDIS");
  Quiet quiet;
  RedisCli server(url);
  server({"SET", "text", std::string(200, 'x')});
  server({"XADD", "stream", "1-1", "field", "value"});
  server({"ZADD", "zset", "1.5", "member"});
  server({"HSET", "hash", "field", "value"});
  const auto target = redis_target(url, quiet);
  MemoryArtifacts artifacts;
  target->dump(artifacts);
  std::string& rdb = artifacts.content.at("dump.rdb");
  const std::string whole = rdb;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    rdb = whole;
    rdb[at] = static_cast<char>(rdb[at] ^ 0x55);
    CHECK(thrown_by([&] { target->check(artifacts); }).code == ErrorCode::bad_data);
    rdb = whole.substr(0, at);
    CHECK(thrown_by([&] { target->check(artifacts); }).code == ErrorCode::bad_data);
  }
  rdb = whole + " ";
  CHECK(thrown_by([&] { target->check(artifacts); }).says("something follows"));
}

TEST_CASE("contract: redis dump: a missing node is noticed") {
  Quiet quiet;
  const auto target = redis_target("redis://127.0.0.1:1", quiet);
  MemoryArtifacts artifacts;
  const std::string rdb = rdb_of("");
  artifacts.content = {{"node-0.rdb", rdb}, {"node-1.rdb", rdb}};
  CHECK(target->check(artifacts).counts.empty());
  artifacts.content = {{"node-0.rdb", rdb}, {"node-2.rdb", rdb}};
  CHECK(thrown_by([&] { target->check(artifacts); }).code == ErrorCode::bad_data);
  artifacts.content = {{"dump.rdb", rdb}, {"node-0.rdb", rdb}};
  CHECK(thrown_by([&] { target->check(artifacts); }).code == ErrorCode::bad_data);
}

}  // namespace prism::test
