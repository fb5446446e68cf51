#include <algorithm>
#include <csignal>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/cli.hpp"
#include "support/http_server.hpp"
#include "support/process.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A system of services that a test makes up, by its config file.
struct Scene {
  Cli cli;
  HttpServer server{[](const HttpRequest& request) {
    if (request.target == "/bad") return http_answer(503, "no database");
    return http_answer(200, R"({"status": "operational", "database": {"up": true}})");
  }};

  explicit Scene(const std::string& targets) {
    cli.write("prismctl.toml",
              fmt::format(fmt::runtime(targets), fmt::arg("server", server.url())));
    fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  }

  Ended run(const Words& more = {}, const Variables& variables = {}) const {
    Words words{"status"};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words, variables);
  }
  Json json(const Words& more = {}) const {
    Words words = more;
    words.emplace_back("--json");
    return Json::parse(run(words).out);
  }
};

Json target_of(const Json& status, const std::string& name) {
  for (const Json& target : status["targets"]) {
    if (target["name"] == name) return target;
  }
  return nullptr;
}

constexpr const char* kGood =
    "[targets.api]\nurl = '{server}/status'\nexpect = 'status=operational'\n"
    "[targets.inner]\nurl = '{server}/status'\nexpect = 'database.up=true'\n"
    "[targets.text]\nurl = '{server}/status'\nexpect = 'operational'\n";

}  // namespace

TEST_CASE("cli: status looks at services of a system, which need no store") {
  const Scene scene(kGood);
  const Ended ended = scene.run();
  CAPTURE(ended.out);
  CHECK(ended.err == "");
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.out, {"state    ok", "TARGET", "api     http  ok", "HTTP 200",
                               "host    host  ok", "CPU ", "memory ", "disk / "}) == "");
  const Json json = scene.json();
  CHECK(json["state"] == "ok");
  CHECK(json["store"] == nullptr);
  const Json api = target_of(json, "api");
  CHECK(api["up"] == true);
  CHECK(api["metrics"][0]["name"] == "http_latency");
  CHECK(api["metrics"][0]["warning"] == 0.5);
}

TEST_CASE("cli: status of a service that answers badly, otherwise than expected or not at all") {
  const Scene scene(
      "[targets.bad]\nurl = '{server}/bad'\n"
      "[targets.other]\nurl = '{server}/status'\nexpect = 'status=asleep'\n"
      "[targets.gone]\nurl = 'tcp://127.0.0.1:1'\n"
      "[targets.not-grpc]\nurl = 'grpc://127.0.0.1:1'\n");
  const Ended ended = scene.run();
  CAPTURE(ended.out);
  CHECK(ended.code == 2);
  CHECK(
      missing_in(ended.out, {"state    critical", "bad: HTTP 503: 'no database'",
                             "other: the answer is 'status=operational', expected 'status=asleep'",
                             "gone: 127.0.0.1:1: cannot connect", "not-grpc: "}) == "");
}

TEST_CASE("cli: status never shows the password of a URL") {
  const Scene scene("[targets.api]\nurl = 'http://user:s3cret@127.0.0.1:1/'\n");
  for (const Words& words : {Words{}, Words{"--json"}, Words{"--plugin"}}) {
    const Ended ended = scene.run(words);
    CHECK(ended.code == 2);
    CHECK((ended.out + ended.err).find("s3cret") == std::string::npos);
  }
}

TEST_CASE("cli: status: an upstream that is down is a warning") {
  const Scene scene("[targets.archivist]\nurl = 'http://127.0.0.1:1/'\nupstream = true\n");
  CHECK(scene.run().code == 1);
  CHECK(target_of(scene.json(), "archivist")["up"] == false);
}

TEST_CASE("cli: status --wait does not wait for an upstream, unless it is named") {
  const Scene scene(
      "[targets.api]\nurl = '{server}/status'\n"
      "[targets.archivist]\nurl = 'http://127.0.0.1:1/'\nupstream = true\n");
  const Ended unnamed = scene.run({"--wait", "60"});
  CHECK(unnamed.code == 1);
  CHECK(unnamed.err == "");
  const Ended named = scene.run({"--wait", "1", "--for", "archivist"});
  CHECK(named.code == 1);
  CHECK(named.err == "prismctl: waiting for archivist\n");
}

TEST_CASE("cli: the error that ends a command is a line of JSON where all others are") {
  const Cli cli;
  const Ended ended = cli({"status", "--store", "no.db"}, {{"LOG_FORMAT", "json"}});
  CHECK(ended.code == 3);
  const Json line = Json::parse(ended.err);
  CHECK(line.at("level") == "error");
  CHECK(line.at("message") == "no.db: there is no such store (prismctl seed makes one)");
  CHECK(Json::parse(cli({"status", "--store", "no.db", "--json"}, {{"LOG_FORMAT", "json"}}).out)
            .at("error")
            .at("code") == 3);
}

TEST_CASE("cli: status of named targets alone") {
  const Scene scene(
      "[targets.api]\nurl = '{server}/status'\n[targets.gone]\nurl = 'tcp://127.0.0.1:1'\n");
  CHECK(scene.run({"api"}).code == 0);
  CHECK(scene.json({"api"})["targets"].size() == 1);
  CHECK(scene.json({"api", "host"})["targets"].size() == 2);
  const Ended unknown = scene.run({"apu"});
  CHECK(unknown.code == 64);
  CHECK(missing_in(unknown.err, {"unknown target 'apu'", "did you mean 'api'?"}) == "");
}

TEST_CASE("cli: status: limits of the command line, the config file and the environment") {
  const Scene scene(
      "[targets.api]\nurl = '{server}/status'\nwarn = {{ http_latency = 0 }}\n"
      "[targets.other]\nurl = '{server}/status'\n");
  CHECK(scene.run({"api"}).code == 1);
  CHECK(scene.run({"other"}).code == 0);
  CHECK(scene.run({"other"}, {{"PRISMCTL_STATUS_WARN", "http_latency=0,cpu_used=101"}}).code == 1);
  CHECK(scene.run({"api", "--warn", "http_latency=100"}).code == 0);
  const Ended critical = scene.run({"other", "--critical", "http_latency=0"});
  CHECK(critical.code == 2);
  CHECK(missing_in(critical.out, {"other: time to answer: ", "critical from 0 s"}) == "");
  CHECK(scene.run({"--warn", "http_latency"}).code == 64);
  CHECK(scene.run({}, {{"PRISMCTL_STATUS_WARN", "x=y"}}).code == 78);
}

TEST_CASE("cli: status as a plugin tells all in one line") {
  const Scene scene(kGood);
  const Ended good = scene.run({"--plugin"});
  CHECK(good.code == 0);
  CHECK(good.out.starts_with("PRISM OK - 4 targets | 'api_latency'="));
  CHECK(std::count(good.out.begin(), good.out.end(), '\n') == 1);
  const Scene down("[targets.gone]\nurl = 'tcp://127.0.0.1:1'\n");
  const Ended bad = down.run({"--plugin"});
  CHECK(bad.code == 2);
  CHECK(bad.out.starts_with("PRISM CRITICAL - gone: 127.0.0.1:1: cannot connect"));
  const Ended none = Cli()({"status", "--plugin"});
  CHECK(none.code == 3);
  CHECK(none.out.starts_with("PRISM UNKNOWN - ./prism.db: there is no such store"));
}

TEST_CASE("cli: status writes its metrics for Prometheus") {
  const Scene scene(kGood);
  CHECK(scene.run({"--metrics-file", "p.prom"}).code == 0);
  const std::string text = read_file(scene.cli / "p.prom", 1 << 20);
  CHECK(missing_in(text, {"# TYPE prismctl_up gauge\nprismctl_up{target=\"api\",kind=\"http\"} 1\n",
                          "prismctl_disk_used_ratio{target=\"host\",kind=\"host\",of=\"/\"} 0.",
                          "prismctl_system_state 0\n"}) == "");
  CHECK(scene.run({"--metrics-file", "nowhere/p.prom"}).code == 74);
}

TEST_CASE("cli: status waits until all, or the named ones, are up") {
  const Scene scene(
      "[targets.api]\nurl = '{server}/status'\n[targets.gone]\nurl = 'tcp://127.0.0.1:1'\n");
  CHECK(scene.run({"--wait", "60", "--for", "api"}).code == 2);
  const Ended waited = scene.run({"--wait", "1"});
  CHECK(waited.code == 2);
  CHECK(waited.err == "prismctl: waiting for gone\n");
  CHECK(scene.run({"api", "--wait", "60", "--for", "api"}).code == 0);
  CHECK(scene.run({"--wait", "60", "--for", "apu"}).code == 64);
  CHECK(scene.run({"api", "--wait", "60", "--for", "gone"}).code == 64);
  const Scene good(kGood);
  CHECK(good.run({"--wait", "60"}).code == 0);
}

TEST_CASE("cli: status --watch looks again until it is interrupted") {
  const Scene scene(kGood);
  Process process(scene.cli.launch({"status", "--watch", "--interval", "1"}));
  REQUIRE(comes_true([&] { return scene.server.requests().size() >= 9; }));
  process.send(SIGINT);
  const Ended ended = process.wait();
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.out, {"state    ok"}) == "");
}

}  // namespace prism::test
