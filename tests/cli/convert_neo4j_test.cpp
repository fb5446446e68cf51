#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/neo4j.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// Half the time for few facts.
constexpr const char* kFastStart = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

/// What is hard to quote, in a fact each; the last two are rows that say 5001 and 5002 again.
const std::string kHardTexts =
    "1,2,60,15,101,4,62,9\n"
    "5001,6001,1146,700000,\"a \"\"quoted\"\", one\",ends in \\,,2001-03-21\n"
    "5002,6002,1146,700000,\"two\nlines\n\",\"\"\"\",\"\\\"\"\\\",spring\n"
    "5003,6003,1146,700000,\" blanks around \",'apostrophes',\"a\tb\",\n"
    "5004,6003,1146,6003,\"\\\"\"\",\"caf\xC3\xA9\xE2\x80\xA8;|\",\"a,b;c\",2001-3-1\n"
    "5001,6001,1146,700000,\"a \"\"quoted\"\", one\",ends in \\,,2001-03-21\n"
    "5002,6002,1146,700000,\"two\nlines\n\",\"\"\"\",\"\\\"\"\\\",spring\n";

/// More than the tool takes unless told.
std::string long_text() { return "5005,6003,1146,6001,," + std::string(5'000'000, 'a') + ",,\n"; }

/// How many properties the nodes have that a load of the same facts makes.
std::int64_t properties_of(const Sql& store) {
  std::int64_t count = store.integer("SELECT count(*) FROM entity");
  for (const auto& column : store.rows("SELECT name FROM pragma_table_info('fact')")) {
    if (column[0] != "extra") count += store.integer("SELECT count(" + column[0] + ") FROM fact");
  }
  return count + store.integer("SELECT count(*) FROM fact, json_each(fact.extra)");
}

/// `database import full` in a folder that convert made, into the database of a home.
Ended neo4j_admin_import(const fs::path& folder, const fs::path& home) {
  Launch launch;
  launch.program = *service("PRISM_TEST_NEO4J_ADMIN");
  launch.arguments = {"database", "import",      "full", "--overwrite-destination=true",
                      "neo4j",    "@import.args"};
  launch.folder = folder;
  launch.environment["NEO4J_HOME"] = home;
  launch.environment["JAVA_TOOL_OPTIONS"] = kFastStart;
  return run(launch);
}

std::int64_t counted(const std::string& said, const std::string& what) {
  const std::size_t end = said.find(" " + what + "\n");
  if (end == std::string::npos) return -1;
  const std::size_t begin = said.rfind('\n', end);
  return std::stoll(said.substr(begin, end - begin));
}

}  // namespace

TEST_CASE(
    "cli: neo4j-admin makes of the files of convert what import makes of the same workbooks") {
  if (!has_service("PRISM_TEST_NEO4J_ADMIN") || !there(real_workbook())) return;
  const PrivateServer server("neo4j");
  server.stop();
  const Cli cli;
  cli.write("hard.csv", kHardTexts + long_text());
  const Words books{real_workbook().string(), example("sample.xls").string(), "hard.csv"};
  Words seed{"seed", "--store", "seeded.db"};
  Words convert{"convert", "--uids", "assign", "--format", "neo4j-admin", "-o", "graph"};
  seed.insert(seed.end(), books.begin(), books.end());
  convert.insert(convert.end(), books.begin(), books.end());
  CHECK_MESSAGE(cli(seed).code == 1, "a row of the sample is rejected");
  const Json made = cli.json(convert, {{"PRISMCTL_STORE", "seeded.db"}});
  CHECK(made["uids_taken"] == 0);
  CHECK(made["unchanged"] == 2);

  const Ended ended = neo4j_admin_import(cli / "graph", server.value("PRISM_TEST_NEO4J_HOME"));
  REQUIRE_MESSAGE(ended.code == 0, (ended.out + ended.err));
  const Sql store(cli / "seeded.db");
  const std::int64_t facts = store.integer("SELECT count(*) FROM fact");
  const std::int64_t entities = store.integer("SELECT count(*) FROM entity");
  CHECK(made["facts"] == facts);
  CHECK(made["files"][0] == Json{{"name", "entities.csv"}, {"rows", entities}});
  CHECK(counted(ended.out, "nodes") == entities + facts);
  CHECK(counted(ended.out, "relationships") == 2 * facts);
  CHECK(counted(ended.out, "properties") == properties_of(store));

  convert[4] = convert[6] = "csv";
  CHECK(cli(convert, {{"PRISMCTL_STORE", "seeded.db"}}).code == 1);
  const Neo4jDatabase loaded;
  CHECK(cli({"import", "csv", "--store", loaded.url()}).code == 0);
  server.restart();
  const GraphContent content = content_of_graph(server.value("PRISM_TEST_NEO4J"));
  CHECK(content.facts.size() == static_cast<std::size_t>(facts));
  CHECK((content == loaded.content()));
}

TEST_CASE("cli: convert tells what to do with the files of neo4j-admin") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,700000"}));
  const Ended ended = cli({"convert", "a.csv", "--format", "neo4j-admin", "-o", "graph"});
  CHECK(ended.code == 0);
  CHECK(ended.out ==
        "graph/entities.csv: 2 rows\ngraph/facts.csv: 1 row\ngraph/left.csv: 1 row\n"
        "graph/right.csv: 1 row\ngraph/import.args\n"
        "in graph, with the server stopped: neo4j-admin database import full neo4j @import.args\n");
  CHECK(cli({"convert", "a.csv", "-o", "graph"}).code == 0);
  CHECK_FALSE(fs::exists(cli / "graph/import.args"));
  CHECK(fs::exists(cli / "graph/0.csv"));
}

TEST_CASE("cli: files of neo4j-admin need permanent UIDs, a folder and facts") {
  const Cli cli;
  cli.write("a.csv", table({"5,6001,1146,700000"}));
  const Words asked{"convert", "a.csv", "--format", "neo4j-admin", "-o"};
  const auto with = [&](const Words& more) {
    Words words = asked;
    words.insert(words.end(), more.begin(), more.end());
    return cli(words);
  };
  const Ended temporary = with({"graph"});
  CHECK(temporary.code == 65);
  CHECK(missing_in(temporary.err, {"'a.csv' has temporary or blank UIDs", "HINT: --uids assign"}) ==
        "");
  CHECK_FALSE(fs::exists(cli / "graph"));
  CHECK(with({"-", "--uids", "assign"}).code == 64);
  CHECK(with({"graph", "--raw"}).code == 64);
  CHECK(with({"graph", "--uids", "assign"}).code == 0);
}

}  // namespace prism::test
