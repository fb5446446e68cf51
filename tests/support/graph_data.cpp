#include "support/graph_data.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/rule.hpp>

namespace prism::test {
namespace {

using namespace std::string_literals;
using namespace neo4j;

/// A time zone's own words, and the moment at which clocks there show the same twice.
ZonedDateTime in_amsterdam(std::int64_t seconds) {
  return {seconds, 999'999'999, "Europe/Amsterdam", false};
}

Map every_type() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  return {{
      {"true", true},
      {"false", false},
      {"zero", 0},
      {"least", std::numeric_limits<std::int64_t>::min()},
      {"most", std::numeric_limits<std::int64_t>::max()},
      {"real", 0.1},
      {"whole real", 5.0},
      {"large", 1.7976931348623157e308},
      {"tiny", 5e-324},
      {"minus zero", -0.0},
      {"NaN", kNaN},
      {"infinity", kInfinity},
      {"minus infinity", -kInfinity},
      {"empty", ""},
      {"text", "Zoë 🚰 \"quoted\" \\ back\nline\ttab \x01 \x7F"},
      {"zero byte", "a\0b"s},
      {"bytes", Bytes{"\0\xFF\x80 \n"s}},
      {"no bytes", Bytes{""}},
      {"date", Date{11'402}},
      {"first date", Date{-365'243'219'162}},
      {"time", Time{86'399'999'999'999, -64'800}},
      {"local time", LocalTime{1}},
      {"datetime", DateTime{-1, 1, 3600}},
      {"datetime of a zone", in_amsterdam(1'698'541'200)},
      {"the same an hour later", in_amsterdam(1'698'544'800)},
      {"local datetime", LocalDateTime{253'402'300'799, 5}},
      {"duration", Duration{-1, 400, -3, 999'999'999}},
      {"point", Point2D{7203, 1.5, -0.0}},
      {"place", Point2D{4326, 4.9, 52.4}},
      {"point of three", Point3D{9157, 1, 2, 3}},
      {"place above", Point3D{4979, 4.9, 52.4, -2}},
  }};
}

Map every_list() {
  return {{
      {"none", List{}},
      {"booleans", List{true, false}},
      {"integers", List{1, -2, 3'000'000'000}},
      {"reals", List{1.0, std::numeric_limits<double>::quiet_NaN(), -0.0}},
      {"texts", List{"", "ä", "a\"b"}},
      {"dates", List{Date{0}, Date{-1}}},
      {"times", List{Time{0, 0}, Time{1, 3600}}},
      {"local times", List{LocalTime{0}}},
      {"datetimes", List{DateTime{0, 0, 0}, in_amsterdam(5)}},
      {"local datetimes", List{LocalDateTime{0, 0}}},
      {"durations", List{Duration{0, 0, 0, 0}, Duration{1, 2, 3, 4}}},
      {"points", List{Point2D{7203, 0, 0}, Point2D{7203, 1, 1}}},
      {"places", List{Point2D{4326, 0, 90}}},
      {"points of three", List{Point3D{9157, 0, 0, 0}}},
      {"places above", List{Point3D{4979, 180, -90, 0}}},
  }};
}

void run(Connection& connection, const std::string& cypher, const Map& properties) {
  std::string parameters;
  Packer(parameters).value(Map{{{"p", properties}}});
  connection.run({cypher, parameters});
}

constexpr std::array kRules{
    "CREATE CONSTRAINT `odd ``name` FOR (n:Book) REQUIRE (n.isbn, n.`odd ``key`) IS UNIQUE",
    "CREATE CONSTRAINT of_relationships FOR ()-[r:WROTE]-() REQUIRE r.number IS UNIQUE",
    "CREATE INDEX by_title FOR (n:Book) ON (n.title, n.text)",
    "CREATE INDEX by_year FOR ()-[r:WROTE]-() ON (r.year)",
    "CREATE TEXT INDEX text FOR (n:Book) ON (n.title)",
    "CREATE POINT INDEX place FOR (n:Book) ON (n.place) "
    "OPTIONS {indexConfig: {`spatial.wgs-84.min`: [-90.0, -45.0]}}",
    "CREATE FULLTEXT INDEX words FOR (n:Book|`odd \\u005Cu0041 ``label`) ON EACH [n.title, n.text] "
    "OPTIONS {indexConfig: {`fulltext.analyzer`: 'english', "
    "`fulltext.eventually_consistent`: true}}",
    "CREATE FULLTEXT INDEX said FOR ()-[r:WROTE|`odd ``type`]-() ON EACH [r.words]",
    "CREATE VECTOR INDEX near FOR (n:Book) ON (n.vector) OPTIONS {indexConfig: "
    "{`vector.dimensions`: 3, `vector.similarity_function`: 'cosine'}}",
};

void drop_rules(const Neo4jDatabase& graph) {
  for (const auto& row : graph.rows("SHOW CONSTRAINTS YIELD name")) {
    graph.execute("DROP CONSTRAINT " + in_backticks(*row[0].get<std::string>()) + " IF EXISTS");
  }
  for (const auto& row : graph.rows("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'")) {
    graph.execute("DROP INDEX " + in_backticks(*row[0].get<std::string>()) + " IF EXISTS");
  }
}

std::string text_of(Value value) {
  std::string text;
  if (const auto* const map = value.get<Map>()) {
    Map sorted = *map;
    std::sort(sorted.entries.begin(), sorted.entries.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    value = sorted;
  }
  Packer(text).value(value);
  return text;
}

void append_sorted(std::string& state, const Neo4jDatabase& graph, const std::string& cypher) {
  std::vector<std::string> lines;
  for (const auto& row : graph.rows(cypher)) {
    std::string& line = lines.emplace_back();
    for (const Value& value : row) line += text_of(value) + "|";
  }
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) state += line + "\n";
}

}  // namespace

void fill_graph(const Neo4jDatabase& graph) {
  const auto connection = graph.connect();
  run(*connection, "CREATE (n:Every) SET n = $p", every_type());
  run(*connection, "CREATE (n:Every:Lists) SET n = $p", every_list());
  run(*connection,
      "CREATE (a:Person {name: 'Nora'})-[r:WROTE]->(b:Book:`odd \\u005Cu0041 ``label` "
      "{isbn: 1, `odd ``key`: 2}) SET r = $p",
      every_type());
  run(*connection,
      "MATCH (b:Book) CREATE (b)-[:`odd ``type`]->(b), (b)-[:SAME {n: 1}]->(b), "
      "(b)-[:SAME {n: 1}]->(b), (b)-[:SAME {n: 2}]->(b) SET b += $p",
      {{{"back`tick \\u0041 \"key\"\n", 1}, {" ", 2}, {"title", "Emil"}}});
  run(*connection, "CREATE (), (), ({alone: true})-[:TO]->()-[:TO]->(:`  `)", {});
  run(*connection,
      "CREATE (:PrismStore {name: 'store', version: 1, watermark: 0}), "
      "(:PrismLock {name: 'run'}), (:PrismUidRange {kind: 'fact', next: 7})",
      {});
  run(*connection,
      "UNWIND range(1, 3000) AS i CREATE (:Book {isbn: i, `odd ``key`: 3})-[:WROTE {number: i}]->"
      "(:Person {name: 'p' + i})",
      {});
  for (const char* const rule : kRules) connection->run({rule});
  connection->run({"CALL db.awaitIndexes(60)"});
}

void change_graph(const Neo4jDatabase& graph) {
  for (const char* const cypher :
       {"MATCH (n:Every) WHERE NOT n:Lists SET n.date = 'another type'",
        "CREATE (:New {name: 'x'})", "MATCH (p:Person {name: 'Nora'}) DETACH DELETE p",
        "MATCH (b:Book {isbn: 7}) REMOVE b:Book", "DROP INDEX by_title IF EXISTS",
        "DROP CONSTRAINT of_relationships IF EXISTS",
        "CREATE CONSTRAINT new FOR (n:New) REQUIRE n.name IS UNIQUE",
        "CREATE INDEX text_or_not FOR (n:Book) ON (n.new)"}) {
    graph.execute(cypher);
  }
}

void empty_graph(const Neo4jDatabase& graph) {
  drop_rules(graph);
  graph.execute("MATCH (n) DETACH DELETE n");
}

std::string graph_state(const Neo4jDatabase& graph) {
  std::string state;
  append_sorted(state, graph,
                "MATCH (n) WHERE NOT n:PrismLock "
                "UNWIND CASE labels(n) WHEN [] THEN [''] ELSE labels(n) END AS label "
                "WITH n, label ORDER BY label RETURN collect(label), properties(n)");
  append_sorted(state, graph,
                "MATCH (a)-[r]->(b) "
                "RETURN type(r), properties(r), properties(a), properties(b), size(labels(b))");
  append_sorted(state, graph, "SHOW CONSTRAINTS YIELD name, createStatement");
  append_sorted(state, graph, "SHOW INDEXES YIELD name, state, createStatement");
  return state;
}

std::unique_ptr<backup::Component> graph_target(const std::string& url, Quiet& quiet) {
  return neo4j::open_component(
      {.connections = {.address = neo4j::parse_address(url), .settings = neo4j_settings()}},
      quiet.log(), quiet.cancel());
}

}  // namespace prism::test
