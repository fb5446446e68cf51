#include <atomic>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/http_server.hpp"

namespace prism::test {
namespace {

/// A monitor, and a store with a fact in it.
struct Scene {
  Scene() {
    cli.write("a.csv", table({"5001,6001,1146,7000"}));
    REQUIRE(cli({"seed", "a.csv"}).code == 0);
  }

  Ended run(const Words& words, const std::string& path = "/secret") const {
    return cli(words, {{"PRISMCTL_HEALTHCHECK_URL", server.url() + path}});
  }
  /// Without the ids of the runs, which must be the same within two that belong together.
  std::vector<std::string> asked() const {
    std::vector<std::string> targets;
    for (const HttpRequest& request : server.requests()) {
      targets.push_back(request.method + " " + request.target.substr(0, request.target.find('?')));
    }
    return targets;
  }

  Cli cli;
  HttpServer server{[this](const HttpRequest&) { return http_answer(status); }};
  std::atomic<int> status{200};
};

using Asked = std::vector<std::string>;

}  // namespace

TEST_CASE("cli: a monitor is told that a backup begins, and that it succeeded") {
  const Scene scene;
  const Ended ended = scene.run({"backup"});
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
  CHECK(scene.asked() == Asked{"GET /secret/start", "GET /secret"});
  const auto requests = scene.server.requests();
  const std::string run = scene.cli.audit().back().at("run");
  for (const HttpRequest& request : requests) {
    CHECK(request.target.find("?rid=" + run) != std::string::npos);
  }
}

TEST_CASE("cli: a monitor is told of failures, and of each command by its name") {
  const Scene scene;
  CHECK(scene.run({"seed", "a.csv"}).code == 73);
  CHECK(scene.run({"backup", "verify", "nonesuch"}, "/k/{command}").code == 3);
  CHECK(scene.run({"rebuild-cache"}, "/k/{command}").code == 0);
  CHECK(scene.asked() == Asked{"GET /secret/start", "GET /secret/fail",
                               "GET /k/backup-verify/start", "GET /k/backup-verify/fail",
                               "GET /k/rebuild-cache/start", "GET /k/rebuild-cache"});
}

TEST_CASE("cli: a monitor is told of no dry run, and of nothing that only shows something") {
  const Scene scene;
  const std::vector<Words> all{{"backup", "list"},
                               {"backup", "prune", "--dry-run"},
                               {"restore", "latest", "--dry-run"},
                               {"rebuild-cache", "--dry-run"},
                               {"status"},
                               {"config"}};
  for (const Words& words : all) scene.run(words);
  CHECK(scene.asked().empty());
}

TEST_CASE("cli: a monitor that fails changes nothing, and is warned of once without its path") {
  Scene scene;
  scene.status = 500;
  const Ended ended = scene.run({"rebuild-cache"});
  CHECK(ended.code == 0);
  CHECK(ended.err ==
        "prismctl: warning: healthcheck.url could not be told of this run: HTTP 500\n");
  CHECK(scene.asked().size() == 4);
  const Ended gone =
      scene.cli({"rebuild-cache"}, {{"PRISMCTL_HEALTHCHECK_URL", "http://127.0.0.1:1/secret"}});
  CHECK(gone.code == 0);
  CHECK(missing_in(gone.err, {"warning: healthcheck.url could not be told", "127.0.0.1:1"}) == "");
  CHECK(gone.err.find("secret") == std::string::npos);
}

TEST_CASE("cli: config hides the URL of a monitor") {
  const Scene scene;
  const Ended ended = scene.run({"config", "--log-level", "debug"}, "/hidden");
  CHECK(missing_in(ended.out, {"healthcheck.url"}) == "");
  CHECK((ended.out + ended.err).find("hidden") == std::string::npos);
}

}  // namespace prism::test
