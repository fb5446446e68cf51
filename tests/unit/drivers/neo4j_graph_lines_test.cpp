#include <doctest/doctest.h>

#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/graph_survey.hpp>
#include <prism/drivers/neo4j/json_property.hpp>
#include <prism/drivers/neo4j/rule.hpp>

#include "support/memory_artifacts.hpp"
#include "support/thrown.hpp"

namespace prism::neo4j {
namespace {

using test::thrown_by;

/// What a value in JSON is packed as, in JSON again.
std::string there_and_back(const std::string& json) {
  JsonLine line(json, 1);
  std::string packed, again;
  pack_property(packed, line);
  line.expect_end();
  Unpacker unpacker(packed);
  append_property(again, unpacker);
  CHECK(unpacker.at_end());
  return again;
}

std::string refusal_of(const std::string& json) {
  const auto thrown = thrown_by([&] {
    JsonLine line(json, 1);
    std::string packed;
    pack_property(packed, line);
    line.expect_end();
  });
  CHECK(thrown.code == ErrorCode::bad_data);
  return thrown.message;
}

constexpr const char* kBegin =
    "{\"prismctl\":\"graph\",\"version\":1,\"server\":\"Neo4j/5.26.30\"}\n";
constexpr const char* kNode =
    "{\"node\":17,\"labels\":[\"Book\"],\"properties\":{\"title\":\"Emil\"}}\n";
constexpr const char* kIndex =
    "{\"index\":\"i\",\"type\":\"RANGE\",\"entity\":\"NODE\",\"names\":[\"Book\"],"
    "\"properties\":[\"title\"],\"provider\":\"range-1.0\",\"config\":{}}\n";
constexpr const char* kRelationship =
    "{\"relationship\":\"OF\",\"from\":17,\"to\":17,\"properties\":{}}\n";

std::string end_line(int nodes, int relationships, int indexes) {
  std::string line;
  append_end(line, {static_cast<std::uint64_t>(nodes), static_cast<std::uint64_t>(relationships), 0,
                    static_cast<std::uint64_t>(indexes), false});
  return line;
}

backup::Content content_of(const std::string& lines) {
  test::MemoryArtifacts artifacts;
  artifacts.content[kGraphArtifact] = lines;
  const Cancel cancel;
  const auto source = artifacts.open(kGraphArtifact);
  GraphSurvey survey;
  read_graph(*source, survey, cancel);
  return survey.content();
}

std::string refusal_of_lines(const std::string& lines) {
  const auto thrown = thrown_by([&] { content_of(lines); });
  CHECK(thrown.code == ErrorCode::bad_data);
  return thrown.message;
}

}  // namespace

TEST_CASE("neo4j graph lines: values are the same when they come back") {
  for (const char* const json : {"true",
                                 "false",
                                 "0",
                                 "-9223372036854775808",
                                 "9223372036854775807",
                                 "0.1",
                                 "5.0",
                                 "-0.0",
                                 "5e-324",
                                 "1.7976931348623157e+308",
                                 R"({"float":"NaN"})",
                                 R"({"float":"Infinity"})",
                                 R"({"float":"-Infinity"})",
                                 R"("")",
                                 R"("a\"b\\c\n\r\t\u0001ä🚰")",
                                 R"({"bytes":""})",
                                 R"({"bytes":"AA=="})",
                                 R"({"bytes":"AP8="})",
                                 R"({"bytes":"AP+A"})",
                                 R"({"date":-1})",
                                 R"({"localtime":86399999999999})",
                                 R"({"time":[1,-64800]})",
                                 R"({"localdatetime":[-1,5]})",
                                 R"({"datetime":[1,2,3600]})",
                                 R"({"datetime":[1,2,"Europe/Amsterdam"]})",
                                 R"({"duration":[-1,2,-3,4]})",
                                 R"({"point":[7203,1.5,-0.0]})",
                                 R"({"point":[4979,180.0,-90.0,2.0]})",
                                 "[]",
                                 "[1,2]",
                                 R"(["",""])",
                                 R"([{"point":[4326,1.0,2.0]},{"point":[4326,3.0,4.0]}])"}) {
    CAPTURE(json);
    CHECK(there_and_back(json) == json);
  }
  CHECK(there_and_back(R"("\u00e4\ud83d\udeb0\/")") == "\"ä🚰/\"");
  CHECK(there_and_back("1e2") == "100.0");
}

TEST_CASE("neo4j graph lines: what is no value of a property is refused") {
  for (const char* const json : {"",
                                 "null",
                                 "nul",
                                 "tru",
                                 "{}",
                                 R"({"a":1})",
                                 "[[1]]",
                                 "[1,2.0]",
                                 R"([1,"a"])",
                                 "[1,",
                                 "[1,]",
                                 "1 ",
                                 " 1",
                                 "01x",
                                 "9223372036854775808",
                                 "1e999",
                                 "\"",
                                 "\"a",
                                 "\"\\x\"",
                                 R"("\u12")",
                                 R"("\ud800")",
                                 R"("\ud800\u0041")",
                                 R"("\udc00")",
                                 "\"\n\"",
                                 R"({"float":"nan"})",
                                 R"({"bytes":"A"})",
                                 R"({"bytes":"A==="})",
                                 R"({"bytes":"AB=="})",
                                 R"({"bytes":"A*AA"})",
                                 R"({"date":1.5})",
                                 R"({"date":400000000000})",
                                 R"({"time":[86400000000000,0]})",
                                 R"({"time":[0,64801]})",
                                 R"({"time":[0]})",
                                 R"({"localdatetime":[0,1000000000]})",
                                 R"({"datetime":[0,0]})",
                                 R"({"datetime":[0,0,""]})",
                                 R"({"duration":[1,2,3]})",
                                 R"({"point":[1,2.0,3.0]})",
                                 R"({"point":[4326,0.0,90.5]})",
                                 R"({"point":[7203,1.0]})",
                                 R"({"point":[7203,1.0,2.0,3.0]})",
                                 R"([{"bytes":""}])",
                                 R"([{"point":[7203,1.0,2.0]},{"point":[4326,1.0,2.0]}])"}) {
    CAPTURE(json);
    CHECK(refusal_of(json).starts_with("line 1, byte "));
  }
}

TEST_CASE("neo4j graph lines: a graph is counted, and what was begun again is void") {
  const std::string part = std::string(kIndex) + kNode + kRelationship;
  const backup::Counts counts{
      {"nodes", 1}, {"relationships", 1}, {"constraints", 0}, {"indexes", 1}};
  const auto content = content_of(kBegin + part + end_line(1, 1, 1));
  CHECK(content.counts == counts);
  CHECK(content.version == "Neo4j/5.26.30");
  CHECK(content.remarks.empty());
  CHECK(content_of(kBegin + part + "{\"again\":2}\n" + part + end_line(1, 1, 1)).counts == counts);
  CHECK(content_of(kBegin + part + "{\"again\":2}\n" + end_line(0, 0, 0)).counts.at("nodes") == 0);
  std::string changed;
  append_end(changed, {1, 1, 0, 1, true});
  CHECK(content_of(kBegin + part + changed).remarks.size() == 1);
}

TEST_CASE("neo4j graph lines: what is damaged is refused, with its place") {
  const std::string whole = std::string(kBegin) + kIndex + kNode + kRelationship;
  const std::string end = end_line(1, 1, 1);
  for (std::size_t size = 0; size < whole.size() + end.size(); ++size) {
    refusal_of_lines((whole + end).substr(0, size));
  }
  CHECK(refusal_of_lines(whole + end + kNode).find("follows") != std::string::npos);
  CHECK(refusal_of_lines(whole + end_line(2, 1, 1)).find("1 nodes") != std::string::npos);
  CHECK(refusal_of_lines(kBegin + std::string(kNode) + kNode).find("twice") != std::string::npos);
  CHECK(refusal_of_lines(kBegin + std::string(kRelationship)).find("not there") !=
        std::string::npos);
  CHECK(refusal_of_lines(kBegin + std::string(kIndex) + kIndex).find("two rules") !=
        std::string::npos);
  CHECK(refusal_of_lines(kBegin + std::string(kNode) + kIndex).find("line 3") != std::string::npos);
  for (const char* const line :
       {"\n", "{}\n", "{\"node\":-1,\"labels\":[],\"properties\":{}}\n",
        "{\"node\":1,\"labels\":[\"\"],\"properties\":{}}\n",
        "{\"node\":1,\"labels\":[\"a\\u0000\"],\"properties\":{}}\n",
        "{\"node\":1,\"labels\":[],\"properties\":{\"\":1}}\n",
        "{\"node\":1,\"labels\":[],\"properties\":{\"a\":1,\"a\":2}}\n",
        "{\"node\":1,\"labels\":[],\"properties\":{}} \n",
        "{\"node\":1,\"labels\":[],\"properties\":{\"a\":\"\xFF\"}}\n",
        "{\"index\":\"i\",\"type\":\"NONE\",\"entity\":\"NODE\",\"names\":[\"a\"],"
        "\"properties\":[\"b\"],\"provider\":\"\",\"config\":{}}\n"}) {
    CAPTURE(line);
    const std::string refusal = refusal_of_lines(std::string(kBegin) + line);
    CAPTURE(refusal);
    CHECK(refusal.find("line 2") != std::string::npos);
  }
  CHECK(refusal_of_lines("{\"prismctl\":\"graph\",\"version\":2,\"server\":\"\"}\n")
            .find("a newer prismctl wrote it") != std::string::npos);
}

TEST_CASE("neo4j rules: statements, with any name") {
  CHECK(in_backticks("a`b\\u0041") == "`a``b\\u005Cu0041`");
  Rule rule{.is_constraint = true,
            .name = "c",
            .type = "UNIQUENESS",
            .entity = "NODE",
            .tokens = {"A"},
            .properties = {"x", "y`"},
            .value_type = "",
            .provider = "range-1.0",
            .config = {}};
  CHECK(creation_of(rule) ==
        "CREATE CONSTRAINT `c` FOR (n:`A`) REQUIRE (n.`x`, n.`y```) IS UNIQUE OPTIONS $options");
  rule.type = "RELATIONSHIP_PROPERTY_TYPE";
  rule.entity = "RELATIONSHIP";
  rule.properties = {"x"};
  rule.value_type = "INTEGER | STRING";
  rule.provider.clear();
  CHECK(creation_of(rule) ==
        "CREATE CONSTRAINT `c` FOR ()-[n:`A`]-() REQUIRE (n.`x`) IS :: INTEGER | STRING");
  rule.is_constraint = false;
  rule.type = "FULLTEXT";
  rule.tokens = {"A", "B"};
  rule.provider = "fulltext-1.0";
  CHECK(creation_of(rule) ==
        "CREATE FULLTEXT INDEX `c` FOR ()-[n:`A`|`B`]-() ON EACH [n.`x`] OPTIONS $options");
  rule.type = "LOOKUP";
  rule.entity = "NODE";
  rule.tokens.clear();
  rule.properties.clear();
  CHECK(creation_of(rule) == "CREATE LOOKUP INDEX `c` FOR (n) ON EACH labels(n)");
}

}  // namespace prism::neo4j
