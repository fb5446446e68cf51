#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/neo4j.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// What LOAD CSV could take for something else: quotes, escapes, ends of lines, blanks, nothing; a
/// property that is a date once and a text once; an unknown column; the largest UIDs.
const std::string kHardTexts =
    "1,2,60,15,101,4,62,9\n"
    "5001,6001,1146,700000,\"a \"\"quoted\"\", one\",ends in \\,,2001-03-21\n"
    "5002,6002,1146,700000,\"two\nlines\n\",\"\"\"\",\"\\\"\"\\\",spring\n"
    "5003,6003,1146,700000,\" blanks around \",'apostrophes',\"a\tb\",\n"
    "5004,6003,1146,6003,\"\\\"\"\",\"caf\xC3\xA9\xE2\x80\xA8;|\",\"a,b;c\",2001-3-1\n"
    "5005,6004,1146,6003,\\n \\u0041 \\\\,\"one\r\ntwo\rthree\",\\\\\\,0001-01-01\n"
    "5006,6004,1146,6005,null,$file {} line[0] ${x},# no comment,9999-12-31\n"
    "5007,6004,1146,6005,0042,1e9,true,\n"
    "2999999998,999999998,1146,6005,\xF0\x9F\x98\x80,\xEF\xBB\xBF,\x01\x7F,\n";

/// More than the server reads of a file at a time.
std::string long_text() { return "5008,6003,1146,6001,," + std::string(5'000'000, 'a') + ",,\n"; }

struct Scene {
  explicit Scene(const std::string& store) : url(store) {}

  Ended import(const std::string& via, const std::string& folder) const {
    return cli({"import", "hard.csv", "--via", via, "--store", url},
               {{"PRISM_NEO4J_IMPORT_DIR", folder}});
  }

  Cli cli;
  std::string url;
};

/// The graph that a way of loading makes of the hard texts.
GraphContent loaded(const Neo4jDatabase& graph, const std::string& via, const std::string& folder) {
  const Scene scene(graph.url());
  graph.execute("MATCH (n) DETACH DELETE n");
  scene.cli.write("hard.csv", kHardTexts + long_text());
  const Ended ended = scene.import(via, folder);
  CAPTURE(ended.err);
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.out, {"9 facts inserted"}) == "");
  CHECK(fs::is_empty(folder));
  return graph.content();
}

}  // namespace

TEST_CASE("cli: neo4j: by LOAD CSV comes the same graph as over Bolt, whatever the texts") {
  if (!has_service("PRISM_TEST_NEO4J")) return;
  const Neo4jDatabase graph;
  const std::string folder = *service("PRISM_TEST_NEO4J_IMPORT_DIR");
  const GraphContent bolt = loaded(graph, "bolt", folder);
  CHECK((loaded(graph, "load-csv", folder) == bolt));
  CHECK(bolt.facts.size() == 9);
}

TEST_CASE("cli: neo4j: LOAD CSV reads the same where backslashes are no escapes") {
  if (!has_service("PRISM_TEST_NEO4J")) return;
  const PrivateServer server("neo4j", {"--set", "db.import.csv.legacy_quote_escaping=false"});
  const Neo4jDatabase graph(server);
  const std::string folder = server.value("PRISM_TEST_NEO4J_IMPORT_DIR");
  CHECK((loaded(graph, "load-csv", folder) == loaded(graph, "bolt", folder)));
}

TEST_CASE("cli: neo4j: --via load-csv wants a folder that the server sees") {
  if (!has_service("PRISM_TEST_NEO4J")) return;
  const Neo4jDatabase graph;
  const Scene scene(graph.url());
  scene.cli.write("hard.csv", kHardTexts);
  const fs::path other = scene.cli / "other";
  fs::create_directory(other);
  const Ended unset = scene.import("load-csv", "");
  CHECK(unset.code == 78);
  CHECK(missing_in(unset.err, {"PRISM_NEO4J_IMPORT_DIR"}) == "");
  const Ended missing = scene.import("load-csv", scene.cli / "missing");
  CHECK(missing.code == 78);
  CHECK(missing_in(missing.err, {"there is no such folder"}) == "");
  const Ended unseen = scene.import("load-csv", other);
  CHECK(unseen.code == 78);
  CHECK(missing_in(unseen.err, {"PRISM_NEO4J_IMPORT_DIR must be the folder"}) == "");
  CHECK(fs::is_empty(other));
  CHECK(graph.integer("MATCH (f:Fact) RETURN count(f)") == 0);
}

TEST_CASE("cli: --via is for Neo4j alone") {
  const Scene scene("t.db");
  scene.cli.write("hard.csv", kHardTexts);
  const Ended ended = scene.import("load-csv", "");
  CHECK(ended.code == 64);
  CHECK(missing_in(ended.err, {"for Neo4j alone"}) == "");
  CHECK_FALSE(fs::exists(scene.cli / "t.db"));
  CHECK(scene.import("ftp", "").code == 64);
}

}  // namespace prism::test
