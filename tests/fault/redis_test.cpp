#include "support/redis.hpp"

#include <csignal>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

using Clock = std::chrono::steady_clock;

/// Enough for a rebuild to be met in its midst.
constexpr std::size_t kFacts = 60'000;
constexpr std::uint64_t kMidst = 400'000;  ///< bytes of some 4 MB

/// A store, a server of its own, and a proxy between the two.
struct Scene {
  Scene() : own("redis", {"--durable"}), url(own.value("PRISM_TEST_REDIS")), proxy(url.substr(8)) {
    cli.write("many.csv", many_facts(kFacts, false));
    REQUIRE(cli({"import", "many.csv", "--store", "t.db"}).code == 0);
  }

  Words words(const std::string& command, const std::string& cache) const {
    return {command, "--store", "t.db", "--cache", cache};
  }
  std::string through_proxy() const { return "redis://" + proxy.address(); }
  Ended status() const { return cli(words("status", url)); }
  std::string differing() const {
    Words dry = words("rebuild-cache", url);
    dry.emplace_back("--dry-run");
    return cli(dry).out;
  }
  bool is_whole() const { return differing().find(": 0 of ") != std::string::npos; }

  Cli cli;
  PrivateServer own;
  std::string url;
  TcpProxy proxy;
};

/// A rebuild that stands still in its midst.
Process stalled_rebuild(Scene& scene, const Variables& variables = {}) {
  const auto before = scene.proxy.counts().forwarded[TcpProxy::to_server];
  scene.proxy.delay(std::chrono::milliseconds(1));
  Process rebuild(scene.cli.launch(scene.words("rebuild-cache", scene.through_proxy()), variables));
  REQUIRE(scene.proxy.wait_for(TcpProxy::to_server, before + kMidst));
  scene.proxy.stall();
  return rebuild;
}

}  // namespace

TEST_CASE("fault: redis: killed during a rebuild: told, seen in status, repaired by the next") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  Process rebuild = stalled_rebuild(scene);
  scene.own.kill();
  scene.proxy.forward();
  const Ended ended = rebuild.wait();
  CHECK(ended.code == 69);
  CHECK(missing_in(ended.err, {scene.proxy.address(), "the connection was lost"}) == "");
  const Ended down = scene.status();
  CHECK(down.code == 2);
  CHECK(missing_in(down.out, {"critical", "cannot connect"}) == "");
  scene.own.restart();
  const Ended up = scene.status();
  CHECK(up.code == 1);
  CHECK(missing_in(up.out, {"did not come to its end"}) == "");
  CHECK_FALSE(scene.is_whole());
  CHECK(scene.cli(scene.words("rebuild-cache", scene.url)).code == 0);
  CHECK(scene.is_whole());
  CHECK(scene.status().code == 0);
}

TEST_CASE("fault: redis: a rebuild that was killed is visible, and the next one begins at once") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  Process rebuild = stalled_rebuild(scene);
  rebuild.send(SIGKILL);
  CHECK(rebuild.wait().signal == SIGKILL);
  scene.proxy.forward();
  CHECK(comes_true([&] { return scene.status().code == 1; }));
  const auto begun = Clock::now();
  CHECK(scene.cli(scene.words("rebuild-cache", scene.url)).code == 0);
  CHECK(Clock::now() - begun < std::chrono::seconds(9));
  CHECK(scene.is_whole());
}

TEST_CASE("fault: redis: a connection that is cut, and one that stalls, end a rebuild in words") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.proxy.cut_after(TcpProxy::to_server, kMidst);
  const Ended cut = scene.cli(scene.words("rebuild-cache", scene.through_proxy()));
  CHECK(cut.code == 69);
  CHECK(missing_in(cut.err, {"the connection was lost"}) == "");
  Process stalled = stalled_rebuild(scene, {{"REDIS_TIMEOUT", "500"}});
  const Ended ended = stalled.wait();
  CHECK(ended.code == 69);
  CHECK(missing_in(ended.err, {"no answer within 500 ms"}) == "");
  scene.proxy.forward();
  scene.proxy.delay(std::chrono::milliseconds(20));
  CHECK(scene.cli(scene.words("rebuild-cache", scene.through_proxy())).code == 0);
  CHECK(scene.is_whole());
}

TEST_CASE("fault: redis: a signal ends a rebuild that waits for a server") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  Process rebuild = stalled_rebuild(scene);
  rebuild.send(SIGTERM);
  CHECK(rebuild.ends_within(std::chrono::seconds(10)));
  CHECK(rebuild.wait().code == 143);
}

TEST_CASE("fault: redis: of two rebuilds at once one is told of the other, or waits") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.cli.write("other.csv", table({"5001,6001,1146,6002", "5002,6002,1146,6003"}));
  REQUIRE(scene.cli({"import", "other.csv", "--store", "other.db"}).code == 0);
  scene.proxy.delay(std::chrono::milliseconds(150));
  Process first(scene.cli.launch(scene.words("rebuild-cache", scene.through_proxy())));
  RedisCli seen(scene.url);
  REQUIRE(comes_true([&] { return seen.integer({"DBSIZE"}) > 10; }));
  const Ended second = scene.cli({"rebuild-cache", "--store", "other.db", "--cache", scene.url});
  CHECK(second.code == 75);
  CHECK(missing_in(second.err, {"another rebuild of this cache is going on (prismctl-",
                                "HINT: wait for it with --lock-wait"}) == "");
  Process third(scene.cli.launch(
      {"rebuild-cache", "--store", "other.db", "--cache", scene.url, "--lock-wait", "60"}));
  scene.proxy.delay(std::chrono::milliseconds(0));
  CHECK(first.wait().code == 0);
  CHECK(third.wait().code == 0);
  CHECK(seen.integer({"DBSIZE"}) == 3 + 2 + 2 + 1);
}

TEST_CASE("fault: redis: a rebuild that stood still too long has lost the cache to the next") {
  if (!has_service("PRISM_TEST_REDIS")) return;
  Scene scene;
  scene.cli.write("other.csv", table({"5001,6001,1146,6002", "5002,6002,1146,6003"}));
  REQUIRE(scene.cli({"import", "other.csv", "--store", "other.db"}).code == 0);
  Process first = stalled_rebuild(scene, {{"REDIS_TIMEOUT", "60000"}});
  const Ended second = scene.cli({"rebuild-cache", "--store", "other.db", "--cache", scene.url});
  CHECK(second.code == 0);
  scene.proxy.forward();
  const Ended ended = first.wait();
  CHECK(ended.code == 75);
  CHECK(missing_in(ended.err, {"another rebuild has taken over the cache"}) == "");
  RedisCli seen(scene.url);
  CHECK(seen.integer({"DBSIZE"}) == 3 + 2 + 2 + 1);
  CHECK(seen.text({"HGET", "rlc:cache:meta", "facts_keys"}) == "3");
}

}  // namespace prism::test
