#include <atomic>
#include <csignal>
#include <sstream>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/http_server.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// Two services that are down until they are told to be up: what is waited for is logged whenever
/// it changes.
struct Scene {
  Scene() {
    cli.write("prismctl.toml", "[targets.a]\nurl = '" + server.url() + "/a'\n[targets.b]\nurl = '" +
                                   server.url() + "/b'\n");
    fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  }

  Process wait(const Words& more) const {
    Words words{"status", "a", "b", "--wait", "60"};
    words.insert(words.end(), more.begin(), more.end());
    return Process(cli.launch(words));
  }
  bool says(const std::string& file, const std::string& words) const {
    return missing_in(content_of(cli / file), {words}) == "";
  }

  std::atomic<bool> a_up{false}, b_up{false};
  Cli cli;
  HttpServer server{[this](const HttpRequest& request) {
    return (request.target == "/a" ? a_up : b_up) ? http_answer(200) : std::string();
  }};
};

}  // namespace

TEST_CASE("cli: a log file that was renamed is opened anew on SIGHUP, and the command goes on") {
  Scene scene;
  Process process = scene.wait({"--log-file", "log"});
  REQUIRE(comes_true([&] { return scene.says("log", "waiting for a, b"); }));
  fs::rename(scene.cli / "log", scene.cli / "log.1");
  process.send(SIGHUP);
  scene.a_up = true;
  REQUIRE(comes_true([&] { return fs::exists(scene.cli / "log"); }));
  REQUIRE(comes_true([&] { return scene.says("log", "waiting for b"); }));
  CHECK_FALSE(scene.says("log.1", "waiting for b"));
  scene.b_up = true;
  CHECK(process.wait().code == 0);
}

TEST_CASE("cli: without a log file SIGHUP ends a command") {
  const Scene scene;
  Process process = scene.wait({});
  REQUIRE(comes_true([&] { return scene.server.requests().size() >= 2; }));
  process.send(SIGHUP);
  CHECK(process.wait().code == 143);
}

TEST_CASE("cli: SIGTERM ends a command that logs into a file") {
  const Scene scene;
  Process process = scene.wait({"--log-file", "log"});
  REQUIRE(comes_true([&] { return scene.says("log", "waiting for a, b"); }));
  process.send(SIGHUP);
  process.send(SIGTERM);
  CHECK(process.wait().code == 143);
}

TEST_CASE("cli: log lines as JSON and the audit line have the id of the run") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000", "5002,,1146,7000"}));
  REQUIRE(cli({"seed", "a.csv", "--log-format", "json", "--log-file", "log"}).code == 1);
  std::istringstream lines(content_of(cli / "log"));
  const std::string id = cli.audit().at(0).at("run");
  CHECK(id.size() == 36);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) CHECK(Json::parse(line)["run"] == id);
  CHECK(count >= 1);
  REQUIRE(cli({"rebuild-cache"}).code == 0);
  CHECK(cli.audit().at(1).at("run") != id);
}

}  // namespace prism::test
