// What only a server that is set so does.
#include <fstream>
#include <iterator>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/cli.hpp"
#include "support/neo4j.hpp"

namespace prism::test {
namespace {

bool is_there() { return has_service("PRISM_TEST_NEO4J"); }

constexpr std::size_t kFacts = 3000;

/// A thousand of them are more than 8 MB.
std::string long_facts() {
  std::string text = "1,2,60,15,4\n";
  for (std::size_t i = 0; i < kFacts; ++i) {
    fmt::format_to(std::back_inserter(text), "{},{},1190,{},{}\n", 3'000'000 + i, 500'000 + i / 2,
                   500'000 + i / 7, std::string(10'000, 'x'));
  }
  return text;
}

}  // namespace

TEST_CASE("fault: neo4j: a batch that is too much for the server's memory goes in smaller ones") {
  if (!is_there()) return;
  const PrivateServer server("neo4j", {"--set", "db.memory.transaction.max=8m"});
  const Neo4jDatabase graph(server);
  const Cli cli;
  cli.write("many.csv", long_facts());
  const Variables variables{{"NEO4J_BATCH_SIZE", "1000"},
                            {"PRISM_NEO4J_IMPORT_DIR", server.value("PRISM_TEST_NEO4J_IMPORT_DIR")},
                            {"LOG_LEVEL", "debug"}};
  for (const std::string via : {"bolt", "load-csv"}) {
    CAPTURE(via);
    const char* const wipe = "MATCH (n) WITH n LIMIT 200 DETACH DELETE n RETURN count(*)";
    while (graph.integer(wipe) > 0) continue;
    const Ended ended =
        cli({"import", "many.csv", "--via", via, "--store", graph.url()}, variables);
    CAPTURE(ended.err);
    CHECK(ended.code == 0);
    CHECK(missing_in(ended.err, {"OutOfMemory", via == "bolt" ? "halves" : "over Bolt"}) == "");
    CHECK(missing_in(ended.out, {"3,000 facts inserted"}) == "");
    const auto update = [&] {
      graph.execute(
          "MATCH (f:Fact) CALL { WITH f SET f.full_definition = 'changed' } "
          "IN TRANSACTIONS OF 100 ROWS");
      return cli({"import", "many.csv", "--on-conflict", "update", "--store", graph.url()},
                 variables);
    };
    if (via == "bolt") {
      const Ended updated = update();
      CAPTURE(updated.err);
      CHECK(missing_in(updated.out, {"3,000 updated"}) == "");
    }
    CHECK(graph.integer("MATCH (:Entity)-[:role]->(f:Fact)-[:role]->(:Entity) "
                        "RETURN count(DISTINCT f)") == kFacts);
  }
}

TEST_CASE("fault: neo4j: a database that is set to be read only is told, and read") {
  if (!is_there()) return;
  const PrivateServer server("neo4j");
  const std::string url = server.value("PRISM_TEST_NEO4J");
  const Cli cli;
  cli.write("few.csv", many_facts(10, false));
  REQUIRE(cli({"import", "few.csv", "--store", url}).code == 0);
  server.stop();
  std::ofstream(server.value("PRISM_TEST_NEO4J_HOME") + "/conf/neo4j.conf", std::ios::app)
      << "server.databases.read_only=neo4j\n";
  server.restart();
  for (const Words& words :
       {Words{"import", "few.csv"}, Words{"uid", "reserve", "--kind", "fact", "-n", "5"}}) {
    Words all = words;
    all.insert(all.end(), {"--store", url});
    const Ended refused = cli(all);
    CAPTURE(refused.err);
    CHECK(refused.code == 77);
    CHECK(missing_in(refused.err, {"read-only"}) == "");
  }
  CHECK(missing_in(cli({"status", "--store", url}).out, {"10 facts"}) == "");
}

TEST_CASE("fault: neo4j: too many failed logins are told, and no more are tried") {
  if (!is_there()) return;
  const PrivateServer server("neo4j", {"--set", "dbms.security.auth_lock_time=1h"});
  const std::string url = server.value("PRISM_TEST_NEO4J");
  const auto at = url.find('@');
  const std::string wrong =
      url.substr(0, url.rfind(':', at) + 1) + "hunter2hunter2" + url.substr(at);
  const Cli cli;
  const auto status = [&] { return cli({"status", "--store", wrong}); };
  for (int login = 1; login <= 3; ++login) {
    const Ended refused = status();
    CHECK(refused.code == 77);
    CHECK(missing_in(refused.err, {"user and password are not accepted"}) == "");
  }
  const Ended locked = status();
  CHECK(locked.code == 77);
  CHECK(missing_in(locked.err, {"too many logins failed"}) == "");
  CHECK(locked.err.find("hunter2") == std::string::npos);
}

}  // namespace prism::test
