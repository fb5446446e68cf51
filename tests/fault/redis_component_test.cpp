#include <functional>
#include <utility>

#include <doctest/doctest.h>

#include "support/memory_artifacts.hpp"
#include "support/met_artifacts.hpp"
#include "support/rdb_builder.hpp"
#include "support/redis_data.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

/// A server of its own with some 2 MB, a backup of it, and a proxy before it.
struct Scene {
  explicit Scene(const std::vector<std::string>& options = {})
      : own("redis", options), url(own.value("PRISM_TEST_REDIS")), proxy(url.substr(8)) {
    fill_redis(url, "a:");
    fill_redis(url + "/2", "b:");
    RedisCli server(url);
    for (int i = 0; i < 400; ++i) {
      server({"SET", "filler:" + std::to_string(i), filler(i)});
    }
    redis_target(url, quiet)->dump(artifacts);
    before = redis_state({url});
  }

  static std::string filler(int seed) {
    std::string text;
    for (auto x = static_cast<std::uint32_t>(seed); text.size() < 4000;) {
      x = x * 1664525 + 1013904223;
      text += static_cast<char>(x >> 24);
    }
    return text;
  }

  std::string through_proxy() const { return "redis://" + proxy.address(); }
  /// Some keys are gone, some other, some new.
  void wreck() const {
    RedisCli server(url);
    server({"DEL", "a:stream", "filler:1"});
    server({"SET", "filler:2", "other"});
    server({"SET", "newer", "1"});
  }
  Thrown cut_restore(TcpProxy::Direction direction, std::uint64_t bytes, bool exact) {
    proxy.cut_after(direction, bytes);
    const auto target = redis_target(through_proxy(), quiet, exact);
    return thrown_by([&] { target->restore(artifacts); });
  }

  PrivateServer own;
  std::string url;
  TcpProxy proxy;
  Quiet quiet;
  MemoryArtifacts artifacts;
  std::string before;
};

/// Kills a server when the first bytes come.
class Killer : public backup::ArtifactWriter {
 public:
  explicit Killer(const PrivateServer& server) : server_(server) {}
  std::unique_ptr<ByteSink> create(const std::string&) override {
    return std::make_unique<Sink>(server_);
  }

 private:
  class Sink : public ByteSink {
   public:
    explicit Sink(const PrivateServer& server) : server_(server) {}
    void write(std::string_view) override {
      if (!std::exchange(killed_, true)) server_.kill();
    }
    void finish() override { FAIL_CHECK("a part of a dump counts"); }

   private:
    const PrivateServer& server_;
    bool killed_ = false;
  };

  const PrivateServer& server_;
};

}  // namespace

TEST_CASE("fault: redis: a dump that is cut off says so") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  RedisCli server(scene.url);
  for (const char* const diskless : {"no", "yes"}) {
    server({"CONFIG", "SET", "repl-diskless-sync", diskless});
    for (const std::uint64_t bytes : {100U, 5'000U, 300'000U, 1'500'000U}) {
      CAPTURE(bytes);
      scene.proxy.cut_after(TcpProxy::to_client, bytes);
      MemoryArtifacts artifacts;
      const auto target = redis_target(scene.through_proxy(), scene.quiet);
      const Thrown thrown = thrown_by([&] { target->dump(artifacts); });
      CHECK(thrown.code == ErrorCode::unavailable);
      CHECK(thrown.says("the connection was lost"));
      if (artifacts.content.contains("dump.rdb")) {
        CHECK(thrown_by([&] { target->check(artifacts); }).code == ErrorCode::bad_data);
      }
    }
  }
}

TEST_CASE("fault: redis: a server that is killed while it is dumped") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  RedisCli server(scene.url);
  // More than fits into what lies between the two.
  server({"CONFIG", "SET", "rdbcompression", "no"});
  server({"DEBUG", "POPULATE", "100000", "key", "400"});
  Killer killer(scene.own);
  const auto target = redis_target(scene.url, scene.quiet);
  CHECK(thrown_by([&] { target->dump(killer); }).code == ErrorCode::unavailable);
}

TEST_CASE("fault: redis: a restore that is cut off is recorded, and a rerun finishes it") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  for (const bool exact : {false, true}) {
    empty_redis({scene.url});
    redis_target(scene.url, scene.quiet)->restore(scene.artifacts);
    scene.wreck();
    redis_target(scene.url, scene.quiet, exact)->restore(scene.artifacts);
    const std::string undisturbed = redis_state({scene.url});
    CHECK((undisturbed == scene.before) == exact);
    for (const std::uint64_t bytes : {4'000U, 30'000U, 200'000U, 900'000U, 1'600'000U}) {
      CAPTURE(bytes);
      empty_redis({scene.url});
      redis_target(scene.url, scene.quiet)->restore(scene.artifacts);
      scene.wreck();
      const Thrown thrown = scene.cut_restore(TcpProxy::to_server, bytes, exact);
      CHECK(thrown.code == ErrorCode::unavailable);
      CHECK(thrown.hint.find("the same again finishes it") != std::string::npos);
      const auto target = redis_target(scene.url, scene.quiet, exact);
      REQUIRE(target->unfinished());
      CHECK(target->unfinished()->find("did not come to its end") != std::string::npos);
      MemoryArtifacts halfway;
      CHECK(target->dump(halfway).remarks.size() == 1);
      CHECK(target->present(prism::backup::Look::counted)->counts == target->check(halfway).counts);
      target->restore(scene.artifacts);
      CHECK_FALSE(target->unfinished());
      CHECK(redis_state({scene.url}) == undisturbed);
    }
  }
}

TEST_CASE("fault: redis: a server that is killed in a restore comes back with the record") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene({"--durable"});
  scene.wreck();
  MetArtifacts artifacts(scene.artifacts, {.reading = 3}, [&] { scene.own.kill(); });
  const auto target = redis_target(scene.url, scene.quiet, true);
  CHECK(thrown_by([&] { target->restore(artifacts); }).code == ErrorCode::unavailable);
  scene.own.restart();
  CHECK(target->unfinished());
  target->restore(scene.artifacts);
  CHECK_FALSE(target->unfinished());
  CHECK(redis_state({scene.url}) == scene.before);
}

TEST_CASE("fault: redis: cancelled within a restore: recorded as any other cut") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  Quiet other;
  MetArtifacts artifacts(scene.artifacts, {.reading = 2}, [&] { other.cancel().request(15); });
  const auto cancelled = redis_target(scene.url, other);
  CHECK(thrown_by([&] { cancelled->restore(artifacts); }).code == ErrorCode::terminated);
  CHECK(redis_target(scene.url, scene.quiet)->unfinished());
}

TEST_CASE("fault: redis: memory that runs out in a restore") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  PrivateServer own("redis");
  const std::string url = own.value("PRISM_TEST_REDIS");
  Quiet quiet;
  std::string keys;
  for (char name = 'a'; name <= 'e'; ++name) {
    const std::string length = '\x80' + raw(__builtin_bswap32(2'000'000));
    keys += rdb_key(0, std::string(1, name), length + std::string(2'000'000, name));
  }
  MemoryArtifacts artifacts;
  artifacts.content["dump.rdb"] = rdb_of(keys);
  RedisCli server(url);
  const std::string info = server.text({"INFO", "memory"});
  const auto used = std::stoull(info.substr(info.find("used_memory:") + 12));
  server({"CONFIG", "SET", "maxmemory", std::to_string(used + 5'000'000)});
  const auto target = redis_target(url, quiet);
  const Thrown thrown = thrown_by([&] { target->restore(artifacts); });
  CHECK(thrown.code == ErrorCode::io);
  CHECK(thrown.says("has no memory left"));
  CHECK(target->unfinished());
  server({"CONFIG", "SET", "maxmemory", "0"});
  target->restore(artifacts);
  CHECK_FALSE(target->unfinished());
  CHECK(target->present(prism::backup::Look::counted)->counts == backup::Counts{{"db0 keys", 5}});
}

TEST_CASE("fault: redis: a Cluster of which one node has no memory is left as it is") {
  if (!has_service("PRISM_TEST_REDIS_CLUSTER")) return;
  PrivateServer own("redis-cluster");
  const std::string url = own.value("PRISM_TEST_REDIS_CLUSTER");
  const auto masters = masters_of(url);
  fill_redis_cluster(masters, 2000);
  Quiet quiet;
  const auto target = redis_target(url, quiet, true);
  MemoryArtifacts artifacts;
  target->dump(artifacts);
  const std::string before = redis_state(masters);
  RedisCli third(masters.back());
  for (int i = 0; i < 200; ++i) third({"SET", "newer:" + std::to_string(i), "1"});
  const std::string changed = redis_state(masters);
  third({"CONFIG", "SET", "maxmemory", "1"});
  const Thrown thrown = thrown_by([&] { target->restore(artifacts); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK_FALSE(target->unfinished());
  CHECK(redis_state(masters) == changed);
  third({"CONFIG", "SET", "maxmemory", "0"});
  target->restore(artifacts);
  CHECK(redis_state(masters) == before);
}

}  // namespace prism::test
