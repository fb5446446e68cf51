#include <fstream>

#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

struct Scene {
  Scene() {
    cli.write("a.csv", table({"5001,6001,1146,7000"}));
    REQUIRE(cli({"seed", "a.csv"}).code == 0);
  }
  std::vector<std::string> commands() const {
    std::vector<std::string> commands;
    for (const Json& line : cli.audit()) commands.push_back(line["command"]);
    return commands;
  }

  Cli cli;
};

}  // namespace

TEST_CASE("cli: each operation leaves one audit line, and what only shows something none") {
  const Scene scene;
  const Cli& cli = scene.cli;
  const std::vector<Words> all{
      {"backup"},
      {"backup", "list"},
      {"backup", "verify"},
      {"backup", "verify", "--restore-test"},
      {"backup", "pin", "latest"},
      {"backup", "unpin", "latest"},
      {"backup", "prune", "--keep-last", "1"},
      {"restore", "latest", "--force"},
      {"uid", "show"},
      {"uid", "reserve", "--kind", "fact"},
      {"migrate"},
      {"rebuild-cache"},
      {"config"},
      {"config", "init"},
      {"status"},
      {"check"},
      {"audit", "list"},
  };
  for (const Words& words : all) {
    CAPTURE(joined(words));
    CHECK(cli(words).code <= 1);
  }
  CHECK(scene.commands() == std::vector<std::string>{"seed", "backup", "backup verify",
                                                     "backup verify", "backup pin", "backup unpin",
                                                     "backup prune", "restore", "uid reserve",
                                                     "migrate", "rebuild-cache", "config init"});
  for (const Json& line : cli.audit()) {
    for (const char* const key : {"time", "user", "host", "run", "result"}) {
      CHECK(line.at(key).get<std::string>() != "");
    }
    CHECK_FALSE(line.at("targets").empty());
    CHECK(line.at("seconds").get<double>() >= 0);
  }
}

TEST_CASE("cli: audit list shows the lines, as a table or JSON") {
  const Scene scene;
  scene.cli({"import", "a.csv", "--store", "missing/t.db"});
  const Ended ended = scene.cli({"audit", "list"});
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
  CHECK(missing_in(ended.out, {"TIME", "WHO", "COMMAND", "RESULT", "SECONDS", "WHAT", "seed",
                               "done", "input a.csv, store ./prism.db", "import"}) == "");
  const Json json = scene.cli.json({"audit", "list"});
  CHECK(json["schema"] == 1);
  CHECK(json["command"] == "audit list");
  CHECK(json["file"] == scene.cli.audit_file().string());
  REQUIRE(json["entries"].size() == 2);
  CHECK(json["entries"][0]["command"] == "seed");
  CHECK(json["entries"][0]["exit_code"] == 0);
  CHECK(json["entries"][0]["error"] == nullptr);
  CHECK(json["entries"][1]["error"].get<std::string>() != "");
  CHECK(scene.cli.json({"audit", "list", "--since", "2099-01-01"})["entries"] == Json::array());
  CHECK(scene.cli.json({"audit", "list", "--since", "24h"})["entries"].size() == 2);
}

TEST_CASE("cli: audit list passes damaged lines over, and says which") {
  const Scene scene;
  std::ofstream(scene.cli.audit_file(), std::ios::app) << "{\"time\": \"2026";
  REQUIRE(scene.cli({"rebuild-cache"}).code == 0);
  const Ended ended = scene.cli({"audit", "list"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.err, {"warning: ", "audit.jsonl: line 2 is damaged"}) == "");
  CHECK(missing_in(ended.out, {"seed", "rebuild-cache"}) == "");
}

TEST_CASE("cli: audit list without a file, and a time that is none") {
  const Cli cli;
  const Ended none = cli({"audit", "list"});
  CHECK(none.code == 0);
  CHECK(missing_in(none.out, {"audit.jsonl: no such lines"}) == "");
  CHECK(cli.json({"audit", "list"})["entries"] == Json::array());
  const Ended bad = cli({"audit", "list", "--since", "yesterday"});
  CHECK(bad.code == 64);
  CHECK(missing_in(bad.err, {"--since: found 'yesterday', expected a time"}) == "");
  CHECK(cli({"audit"}).code == 64);
}

TEST_CASE("cli: after a rotation the audit file is begun anew") {
  const Scene scene;
  fs::rename(scene.cli.audit_file(), scene.cli / "rotated");
  REQUIRE(scene.cli({"rebuild-cache"}).code == 0);
  CHECK(scene.commands() == std::vector<std::string>{"rebuild-cache"});
}

}  // namespace prism::test
