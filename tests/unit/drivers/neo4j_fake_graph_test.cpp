// Against a fake server, for what the real one of the tests can't be: down, old, of a later
// version.

#include <algorithm>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/component.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/rule.hpp>

#include "support/bolt_server.hpp"
#include "support/memory_artifacts.hpp"
#include "support/quiet.hpp"
#include "support/thrown.hpp"

namespace prism::neo4j {
namespace {

using test::BoltPeer;
using test::BoltServer;
using test::MemoryArtifacts;
using test::thrown_by;

constexpr std::uint8_t kRun = 0x10, kPull = 0x3F;

struct Answer {
  std::string to;  ///< what the query begins with
  List fields;
  std::vector<List> records;
};

/// Answers queries, those that it does not know without records.
BoltServer::Script answering(std::vector<Answer> answers) {
  return [answers = std::move(answers)](BoltPeer& peer) {
    peer.welcome();
    const Answer none;
    const Answer* asked = &none;
    for (;;) {
      const auto message = peer.receive();
      if (message.tag == kRun) {
        const auto& query = *message.fields[0].get<std::string>();
        const auto found = std::find_if(answers.begin(), answers.end(), [&](const Answer& one) {
          return query.starts_with(one.to);
        });
        asked = found == answers.end() ? &none : &*found;
        peer.success({{{"fields", asked->fields}}});
        continue;
      }
      if (message.tag == kPull) {
        for (const List& record : asked->records) peer.record(record);
      }
      peer.success();
    }
  };
}

struct Target {
  explicit Target(const std::string& url, const std::string& load_command = {})
      : component(open_component(
            {.connections = {.address = parse_address(url)}, .load_command = load_command},
            quiet.log(), quiet.cancel())) {}

  test::Quiet quiet;
  std::unique_ptr<backup::Component> component;
};

std::string constraint(const std::string& type) {
  return R"({"constraint":"c","type":")" + type +
         R"(","entity":"NODE","names":["Book"],"properties":["isbn"],"value_type":"",)"
         R"("provider":"range-1.0","config":{}})"
         "\n";
}

/// A dump that has each of these parts, of which the last one counts.
MemoryArtifacts dump_with(const std::vector<std::string>& rules) {
  MemoryArtifacts artifacts;
  std::string& lines = artifacts.content[kGraphArtifact];
  append_begin(lines, "Neo4j/5.26.30");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (i > 0) append_again(lines, static_cast<int>(i) + 1);
    lines += rules[i] + "{\"node\":1,\"labels\":[],\"properties\":{}}\n";
  }
  append_end(lines, {1, 0, 1, 0, false});
  return artifacts;
}

std::string dumped_by(const std::vector<Answer>& answers, backup::Content& content) {
  const BoltServer server(answering(answers));
  const Target target(server.url());
  MemoryArtifacts artifacts;
  content = target.component->dump(artifacts);
  CHECK(target.component->check(artifacts).counts == content.counts);
  return artifacts.content[kGraphArtifact];
}

Map options_of(const std::string& provider) {
  return {{{"indexConfig", Map{{{"spatial.cartesian.min", List{-1.0, -1.0}}}}},
           {"indexProvider", provider}}};
}

}  // namespace

TEST_CASE("neo4j fake graph: the constraints and indexes of Neo4j 4.4 are dumped") {
  const List labels{"Book"}, property{"isbn"};
  const Map btree = options_of("native-btree-1.0");
  backup::Content content;
  const std::string lines = dumped_by(
      {{"SHOW CONSTRAINTS YIELD * ",
        {"id", "name", "type", "entityType", "labelsOrTypes", "properties", "ownedIndexId",
         "options", "createStatement"},
        {{4, "c", "UNIQUENESS", "NODE", labels, property, 3, btree, "CREATE …"}}},
       {"SHOW INDEXES YIELD * ",
        {"id", "name", "state", "uniqueness", "type", "entityType", "labelsOrTypes", "properties",
         "indexProvider", "options"},
        {{3, "c", "ONLINE", "UNIQUE", "BTREE", "NODE", labels, property, "native-btree-1.0", btree},
         {1, "i", "ONLINE", "NONUNIQUE", "BTREE", "NODE", labels, List{"title"}, "native-btree-1.0",
          btree},
         {2, "l", "ONLINE", "NONUNIQUE", "LOOKUP", "NODE", Value(), Value(), "token-lookup-1.0",
          options_of("token-lookup-1.0")}}}},
      content);
  CHECK(content.left_out.empty());
  CHECK(content.counts.at("constraints") == 1);
  CHECK(content.counts.at("indexes") == 2);
  const std::string index =
      R"({"index":"i","type":"RANGE","entity":"NODE","names":["Book"],"properties":["title"],)"
      R"("provider":"","config":{}})";
  CHECK(lines.find(index) != std::string::npos);
  CHECK(lines.find(R"({"constraint":"c","type":"UNIQUENESS","entity":"NODE","names":["Book"],)"
                   R"("properties":["isbn"],"value_type":"","provider":"","config":{}})") !=
        std::string::npos);
  JsonLine json(index, 1);
  CHECK(creation_of(read_rule(json)) == "CREATE INDEX `i` FOR (n:`Book`) ON (n.`title`)");
}

TEST_CASE("neo4j fake graph: a type of index that is not known is told as left out") {
  backup::Content content;
  const std::string lines =
      dumped_by({{"SHOW INDEXES YIELD * ",
                  {"owningConstraint", "name", "entityType", "type", "labelsOrTypes", "properties"},
                  {{Value(), "of 2030", "NODE", "QUANTUM", List{"Book"}, List{"isbn"}},
                   {"c", "of a constraint", "NODE", "QUANTUM", List{"Book"}, List{"isbn"}}}}},
                content);
  CHECK(content.remarks.empty());
  CHECK(content.counts.at("indexes") == 0);
  REQUIRE(content.left_out.size() == 1);
  CHECK(content.left_out[0] ==
        "the index 'of 2030' of type QUANTUM, which this version of prismctl does not know");
  CHECK(lines.find("QUANTUM") == std::string::npos);
}

TEST_CASE("neo4j fake graph: what Community refuses is told before any target is touched") {
  const auto refusal_of = [](const std::string& edition, MemoryArtifacts artifacts) {
    const BoltServer server(answering({{"CALL dbms.components()", {"edition"}, {{edition}}}}));
    const Target target(server.url());
    try {
      target.component->require_restorable(artifacts);
    } catch (const Error& e) {
      CHECK(e.code() == ErrorCode::configuration);
      return std::string(e.what());
    }
    return std::string();
  };
  const std::string key = constraint("NODE_KEY"), unique = constraint("UNIQUENESS");
  CHECK(refusal_of("community", dump_with({key}))
            .ends_with("Neo4j Community has no constraints such as 'c' of type NODE_KEY"));
  CHECK(refusal_of("enterprise", dump_with({key})).empty());
  CHECK(refusal_of("community", dump_with({unique})).empty());
  CHECK(refusal_of("community", dump_with({key, unique})).empty());
  CHECK_FALSE(refusal_of("community", dump_with({key, key})).empty());
  MemoryArtifacts damaged;
  damaged.content[kGraphArtifact] = dump_with({key}).content[kGraphArtifact].substr(0, 150);
  CHECK(refusal_of("community", damaged).empty());
}

TEST_CASE("neo4j fake graph: a server that is down can be loaded offline") {
  const std::string nobody = "bolt://127.0.0.1:1";
  const Target online(nobody);
  CHECK(thrown_by([&] { online.component->present(backup::Look::glance); }).code ==
        ErrorCode::unavailable);
  const Target offline(nobody, "cat >/dev/null");
  const auto there = offline.component->present(backup::Look::counted);
  REQUIRE(there);
  CHECK(there->counts.empty());
  CHECK_FALSE(offline.component->unfinished());
  // What goes over Bolt needs it.
  MemoryArtifacts lines = dump_with({constraint("UNIQUENESS")});
  CHECK(thrown_by([&] { offline.component->require_restorable(lines); }).code ==
        ErrorCode::unavailable);
  // After a restore it is to be there again.
  MemoryArtifacts none;
  none.content["neo4j.dump"];
  CHECK(thrown_by([&] { offline.component->restore(none); }).code == ErrorCode::bad_data);
  CHECK(thrown_by([&] { offline.component->present(backup::Look::glance); }).code ==
        ErrorCode::unavailable);
}

}  // namespace prism::neo4j
