#include <doctest/doctest.h>

#include <prism/base/error.hpp>
#include <prism/drivers/consul/component.hpp>

#include "cli/cli.hpp"
#include "support/consul.hpp"
#include "support/kill.hpp"
#include "support/memory_artifacts.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

/// A server of its own with some 5 MB, a backup of it, changes since, and a proxy before it.
struct Scene {
  Scene() : own("consul"), server(own.value("PRISM_TEST_CONSUL")), proxy(server.host()) {
    fill_consul(server);
    fill_consul_more(server);
    server.target(quiet)->dump(artifacts);
    old_state = server.state();
    wreck();
    new_state = server.state();
  }

  void wreck() const {
    server.put("/v1/kv/binary", "other");
    server.ask("DELETE", "/v1/kv/many/?recurse");
    server.put("/v1/kv/newer", "1");
  }
  std::unique_ptr<backup::Component> through_proxy() {
    return server.target(quiet, proxy.address());
  }

  PrivateServer own;
  ConsulServer server;
  TcpProxy proxy;
  Quiet quiet;
  MemoryArtifacts artifacts;
  std::string old_state;
  std::string new_state;
};

}  // namespace

TEST_CASE("fault: consul: a dump that is cut off says so") {
  if (!has_service("PRISM_TEST_CONSUL")) return;
  Scene scene;
  for (const std::uint64_t bytes : {1U, 500U, 100'000U, 2'000'000U}) {
    CAPTURE(bytes);
    MemoryArtifacts artifacts;
    scene.proxy.cut_after(TcpProxy::to_client, bytes);
    const Thrown thrown = thrown_by([&] { scene.through_proxy()->dump(artifacts); });
    CHECK(thrown.code == ErrorCode::unavailable);
    CHECK(thrown.says(scene.proxy.address()));
  }
}

TEST_CASE("fault: consul: a restore that is cut off leaves the old state, a rerun the new one") {
  if (!has_service("PRISM_TEST_CONSUL")) return;
  Scene scene;
  for (const std::uint64_t bytes : {1U, 1'000U, 300'000U, 3'000'000U}) {
    CAPTURE(bytes);
    scene.proxy.cut_after(TcpProxy::to_server, bytes);
    const Thrown thrown = thrown_by([&] { scene.through_proxy()->restore(scene.artifacts); });
    CHECK(thrown.code == ErrorCode::unavailable);
    CHECK((bytes == 1 || thrown.hint.find("the same again") != std::string::npos));
    CHECK(scene.server.state() == scene.new_state);
  }
  scene.through_proxy()->restore(scene.artifacts);
  CHECK(scene.server.state() == scene.old_state);
}

TEST_CASE("fault: consul: flipped artifacts are refused before anything is touched") {
  if (!has_service("PRISM_TEST_CONSUL")) return;
  Scene scene;
  const std::string& whole = scene.artifacts.content.at("snap");
  for (const std::size_t at : {std::size_t{0}, whole.size() / 3, whole.size() - 5}) {
    CAPTURE(at);
    MemoryArtifacts flipped = scene.artifacts;
    flipped.content["snap"][at] ^= 4;
    CHECK(thrown_by([&] { scene.through_proxy()->restore(flipped); }).code == ErrorCode::bad_data);
  }
  CHECK(scene.server.state() == scene.new_state);
}

TEST_CASE("fault: consul: what only the server sees is wrong is refused and changes nothing") {
  if (!has_service("PRISM_TEST_CONSUL")) return;
  Scene scene;
  const Cancel cancel;
  const std::string& whole = scene.artifacts.content.at("snap");
  TextSource half(std::string_view(whole).substr(0, whole.size() / 2));
  consul::Client client(scene.server.options(), scene.quiet.log(), cancel);
  CHECK(thrown_by([&] { client.restore(half); }).code == ErrorCode::bad_data);
  CHECK(scene.server.state() == scene.new_state);
}

TEST_CASE("fault: consul: a server that is gone, and one that comes back") {
  if (!has_service("PRISM_TEST_CONSUL")) return;
  Scene scene;
  scene.own.kill();
  MemoryArtifacts artifacts;
  const Thrown gone = thrown_by([&] { scene.server.target(scene.quiet)->dump(artifacts); });
  CHECK(gone.code == ErrorCode::unavailable);
  CHECK(gone.hint.find("CONSUL_HTTP_ADDR") != std::string::npos);
  scene.own.restart();
  auto options = scene.server.options();
  options.wait = std::chrono::seconds(30);
  const auto target = consul::open_component({options}, scene.quiet.log(), scene.quiet.cancel());
  target->restore(scene.artifacts);
  CHECK(scene.server.state() == scene.old_state);
  // What was restored is on disk.
  scene.own.kill();
  scene.own.restart();
  CHECK(scene.server.state() == scene.old_state);
}

TEST_CASE("fault: consul: a token that may not, and one that nobody knows") {
  if (!has_service("PRISM_TEST_CONSUL_ACL")) return;
  const PrivateServer own("consul-acl");
  const ConsulServer manager(own.value("PRISM_TEST_CONSUL_ACL"),
                             own.value("PRISM_TEST_CONSUL_ACL_TOKEN"));
  Quiet quiet;
  const std::string reader = fill_consul_acl(manager);
  manager.put("/v1/kv/a", "1");
  MemoryArtifacts artifacts;
  manager.target(quiet)->dump(artifacts);
  manager.put("/v1/kv/a", "2");
  const std::string before = manager.state();
  for (const std::string& token : {reader, std::string("nobody's"), std::string()}) {
    const ConsulServer other(own.value("PRISM_TEST_CONSUL_ACL"), token);
    MemoryArtifacts none;
    for (const Thrown& thrown :
         {thrown_by([&] { other.target(quiet)->present(prism::backup::Look::counted); }),
          thrown_by([&] { other.target(quiet)->dump(none); }),
          thrown_by([&] { other.target(quiet)->restore(artifacts); })}) {
      CHECK(thrown.code == ErrorCode::permission);
      CHECK(thrown.hint.find("acl = \"write\"") != std::string::npos);
      CHECK((token.empty() || !thrown.says(token)));
    }
  }
  CHECK(manager.state() == before);
}

TEST_CASE("fault: consul: a restore that goes with its own token") {
  if (!has_service("PRISM_TEST_CONSUL_ACL")) return;
  const PrivateServer own("consul-acl");
  const ConsulServer manager(own.value("PRISM_TEST_CONSUL_ACL"),
                             own.value("PRISM_TEST_CONSUL_ACL_TOKEN"));
  const Folder folder;
  Quiet quiet(folder / "log");
  MemoryArtifacts artifacts;
  manager.put("/v1/kv/a", "1");
  manager.target(quiet)->dump(artifacts);
  const std::string token =
      manager.ask("PUT", "/v1/acl/token", R"({"Policies":[{"Name":"global-management"}]})");
  const ConsulServer newer(own.value("PRISM_TEST_CONSUL_ACL"),
                           nlohmann::json::parse(token).at("SecretID"));
  newer.put("/v1/kv/a", "2");
  newer.target(quiet)->restore(artifacts);
  CHECK(content_of(folder / "log").find("the token in use is not in the backup") !=
        std::string::npos);
  CHECK(content_of(folder / "log").find(newer.token()) == std::string::npos);
  CHECK_THROWS(newer.get("/v1/acl/tokens"));
  CHECK(manager.ask("GET", "/v1/kv/a?raw") == "1");
}

TEST_CASE("fault: consul: a restore is killed at twenty moments: all or nothing of it is there") {
  if (!has_service("PRISM_TEST_CONSUL")) return;
  Scene scene;
  const Cli cli;
  scene.server.target(scene.quiet)->restore(scene.artifacts);
  cli.write("system.env", "CONSUL_HTTP_ADDR=" + scene.server.host() + "\n");
  const Words more{"--env-file", "system.env", "--cache", "none"};
  const auto words = [&](Words first) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
  };
  REQUIRE(cli(words({"backup"})).code == 0);
  scene.wreck();
  kill_at_moments(
      [&] {
        return cli.launch(words({"restore", "latest", "--force", "--no-safety-copy"}));
      },
      [&] {
        const std::string state = scene.server.state();
        CHECK((state == scene.old_state || state == scene.new_state));
        scene.wreck();
      });
  CHECK(scene.server.state() == scene.old_state);
}

}  // namespace prism::test
