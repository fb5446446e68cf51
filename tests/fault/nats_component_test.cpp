#include <functional>
#include <utility>

#include <doctest/doctest.h>

#include <prism/drivers/nats/component.hpp>

#include "support/memory_artifacts.hpp"
#include "support/met_artifacts.hpp"
#include "support/nats.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

/// A server of its own with some 3 MB, a backup of it, and a proxy before it.
struct Scene {
  Scene() : own("nats"), url(own.value("PRISM_TEST_NATS")), proxy(url.substr(7)) {
    fill_nats(url);
    NatsClient client(url);
    client.add_stream("LARGE", {{"subjects", {"large"}}});
    for (int i = 0; i < 400; ++i) client.publish("large", filler(i));
    nats_target(url, quiet)->dump(artifacts);
    before = NatsClient(url).state();
  }

  static std::string filler(int seed) {
    std::string text;
    for (auto x = static_cast<std::uint32_t>(seed); text.size() < 6000;) {
      x = x * 1664525 + 1013904223;
      text += static_cast<char>(x >> 24);
    }
    return text;
  }

  std::string through_proxy() const { return "nats://" + proxy.address(); }

  PrivateServer own;
  std::string url;
  TcpProxy proxy;
  Quiet quiet;
  MemoryArtifacts artifacts;
  std::string before;
};

constexpr const char* kLarge = "LARGE.stream.tar.s2";

}  // namespace

TEST_CASE("fault: nats: a dump that is cut off says so") {
  if (!has_service("PRISM_TEST_NATS")) return;
  Scene scene;
  for (const std::uint64_t bytes : {1'000U, 30'000U, 500'000U, 2'000'000U}) {
    CAPTURE(bytes);
    scene.proxy.cut_after(TcpProxy::to_client, bytes);
    MemoryArtifacts artifacts;
    const auto target = nats_target(scene.through_proxy(), scene.quiet);
    CHECK(thrown_by([&] { target->dump(artifacts); }).code == ErrorCode::unavailable);
    CHECK(thrown_by([&] { target->check(artifacts); }).code == ErrorCode::bad_data);
  }
  // The server gives up what nobody takes, and dumps the same again.
  MemoryArtifacts artifacts;
  nats_target(scene.url, scene.quiet)->dump(artifacts);
  CHECK(NatsClient(scene.url).state() == scene.before);
}

TEST_CASE("fault: nats: a restore that is cut off is recorded, and a rerun finishes it") {
  if (!has_service("PRISM_TEST_NATS")) return;
  Scene scene;
  for (const std::uint64_t bytes : {3'000U, 60'000U, 2'000'000U}) {
    CAPTURE(bytes);
    change_nats(scene.url);
    scene.proxy.cut_after(TcpProxy::to_server, bytes);
    const auto cut = nats_target(scene.through_proxy(), scene.quiet, true);
    const Thrown thrown = thrown_by([&] { cut->restore(scene.artifacts); });
    CHECK(thrown.code == ErrorCode::unavailable);
    CHECK(thrown.hint.find("the same again finishes it") != std::string::npos);
    const auto target = nats_target(scene.url, scene.quiet, true);
    REQUIRE(target->unfinished());
    CHECK(target->unfinished()->find("did not come to its end") != std::string::npos);
    MemoryArtifacts halfway;
    CHECK(target->dump(halfway).remarks.back() == target->unfinished());
    target->restore(scene.artifacts);
    CHECK_FALSE(target->unfinished());
    CHECK(NatsClient(scene.url).state() == scene.before);
  }
}

TEST_CASE("fault: nats: a server that is killed in a restore comes back with the record") {
  if (!has_service("PRISM_TEST_NATS")) return;
  Scene scene;
  change_nats(scene.url);
  MetArtifacts artifacts(scene.artifacts, {.reading = 2, .name = kLarge},
                         [&] { scene.own.kill(); });
  const auto target = nats_target(scene.url, scene.quiet, true);
  CHECK(thrown_by([&] { target->restore(artifacts); }).code == ErrorCode::unavailable);
  scene.own.restart();
  CHECK(target->unfinished());
  target->restore(scene.artifacts);
  CHECK_FALSE(target->unfinished());
  CHECK(NatsClient(scene.url).state() == scene.before);
}

TEST_CASE("fault: nats: cancelled within a restore: recorded as any other cut") {
  if (!has_service("PRISM_TEST_NATS")) return;
  Scene scene;
  Quiet other;
  MetArtifacts artifacts(scene.artifacts, {.reading = 2, .name = kLarge},
                         [&] { other.cancel().request(15); });
  const auto cancelled = nats_target(scene.url, other);
  CHECK(thrown_by([&] { cancelled->restore(artifacts); }).code == ErrorCode::terminated);
  CHECK(nats_target(scene.url, scene.quiet)->unfinished());
}

TEST_CASE("fault: nats: a byte that is flipped in a snapshot is found before anything is touched") {
  if (!has_service("PRISM_TEST_NATS")) return;
  Scene scene;
  const auto target = nats_target(scene.url, scene.quiet, true);
  for (const auto& [name, bytes] : scene.artifacts.content) {
    if (name != kLarge && name != "ORDERS.stream.tar.s2") continue;
    CAPTURE(name);
    for (std::size_t i = 0; i < 12; ++i) {
      const std::size_t at = i < 6 ? i : (bytes.size() - 1) * (i - 5) / 6;
      CAPTURE(at);
      MemoryArtifacts flipped = scene.artifacts;
      flipped.content[name][at] ^= 0x10;
      CHECK(thrown_by([&] { target->restore(flipped); }).code == ErrorCode::bad_data);
    }
  }
  CHECK(NatsClient(scene.url).state() == scene.before);
}

TEST_CASE("fault: nats: artifacts of other streams are refused") {
  if (!has_service("PRISM_TEST_NATS")) return;
  Scene scene;
  const auto target = nats_target(scene.url, scene.quiet);
  const auto refused = [&](const MemoryArtifacts& artifacts) {
    MemoryArtifacts copy = artifacts;
    return thrown_by([&] { target->check(copy); }).code == ErrorCode::bad_data;
  };
  MemoryArtifacts one = scene.artifacts;
  one.content["ORDERS.stream.tar.s2"] = one.content.at(kLarge);
  CHECK(refused(one));
  MemoryArtifacts two = scene.artifacts;
  two.content["WORK.backup.json"] = two.content.at("LARGE.backup.json");
  CHECK(refused(two));
  MemoryArtifacts three = scene.artifacts;
  three.content["more.stream.tar.s2"] = three.content.at(kLarge);
  CHECK(refused(three));
  MemoryArtifacts four = scene.artifacts;
  four.content.erase("EVENTS.consumers.json");
  CHECK(refused(four));
}

TEST_CASE("fault: nats: who may not, and where there is no JetStream") {
  if (!has_service("PRISM_TEST_NATS_AUTH") || !has_service("PRISM_TEST_NATS_CORE")) return;
  Quiet quiet;
  const auto code_of_dump = [&](const std::string& url) {
    MemoryArtifacts artifacts;
    return thrown_by([&] { nats_target(url, quiet)->dump(artifacts); }).code;
  };
  std::string url = *service("PRISM_TEST_NATS_AUTH");
  CHECK_FALSE(nats_target(url, quiet)->unfinished());
  const std::string without = "nats://" + url.substr(url.find('@') + 1);
  CHECK(code_of_dump(without) == ErrorCode::permission);
  CHECK(code_of_dump(url.replace(url.find('@'), 0, "x")) == ErrorCode::permission);
  CHECK(code_of_dump(*service("PRISM_TEST_NATS_AUTH_NOJS")) == ErrorCode::configuration);
  CHECK(code_of_dump(*service("PRISM_TEST_NATS_CORE")) == ErrorCode::configuration);
  CHECK(code_of_dump("nats://127.0.0.1:1") == ErrorCode::unavailable);
}

TEST_CASE("fault: nats: a right that is missing is named") {
  if (!has_service("PRISM_TEST_NATS_AUTH")) return;
  const PrivateServer own("nats-auth");
  NatsClient client(own.value("PRISM_TEST_NATS_AUTH"));
  client.add_stream("ONE", {});
  client.publish("ONE", "x");
  Quiet quiet;
  const auto target = nats_target(own.value("PRISM_TEST_NATS_AUTH_READONLY"), quiet);
  CHECK(target->present(prism::backup::Look::counted)->counts.at("messages") == 1);
  MemoryArtifacts artifacts;
  const Thrown thrown = thrown_by([&] { target->dump(artifacts); });
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.says("STREAM.SNAPSHOT.ONE"));
}

TEST_CASE("fault: nats: TLS shows who answers") {
  if (!has_service("PRISM_TEST_NATS_TLS")) return;
  Quiet quiet;
  const auto open = [&](const PrivateServer& server, bool trusted) {
    return nats::open_component(
        {.address = nats::parse_address(server.value("PRISM_TEST_NATS_TLS")),
         .settings = {.ca_file = trusted ? server.value("PRISM_TEST_TLS_DIR") + "/ca.crt" : ""}},
        quiet.log(), quiet.cancel());
  };
  const PrivateServer good("nats-tls");
  MemoryArtifacts artifacts;
  CHECK(open(good, true)->dump(artifacts).counts.empty());
  CHECK(thrown_by([&] { open(good, false)->present(prism::backup::Look::counted); }).code ==
        ErrorCode::permission);
  for (const char* const certificate : {"wrong-host", "expired"}) {
    CAPTURE(certificate);
    const PrivateServer bad("nats-tls", {"--certificate", certificate});
    CHECK(thrown_by([&] { open(bad, true)->present(prism::backup::Look::counted); }).code ==
          ErrorCode::permission);
  }
}

}  // namespace prism::test
