#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <prism/drivers/neo4j/doubles.hpp>
#include <prism/drivers/neo4j/parameters.hpp>

namespace prism::neo4j {
namespace {

constexpr std::string_view kDoubledEntities =
    "MATCH (n:Entity) WHERE n.uid IS NOT NULL WITH n.uid AS uid, count(*) AS nodes "
    "WHERE nodes > 1 RETURN uid ORDER BY uid";
constexpr std::string_view kDoubledFacts =
    "MATCH (n:Fact) WHERE n.fact_uid IS NOT NULL WITH n.fact_uid AS uid, count(*) AS nodes "
    "WHERE nodes > 1 RETURN uid ORDER BY uid";

/// Its properties, and what it is related to: for a fact the UIDs of its entities.
constexpr std::string_view kNodesOfEntities =
    "MATCH (n:Entity) WHERE n.uid IN $uids RETURN n.uid AS uid, properties(n), "
    "[(n)-[r]-() WHERE type(r) <> 'role' | 0] ORDER BY uid";
constexpr std::string_view kNodesOfFacts =
    "MATCH (n:Fact) WHERE n.fact_uid IN $uids RETURN n.fact_uid AS uid, properties(n), "
    "[(n)<-[:role]-(e:Entity) | e.uid] + [-1] + [(n)-[:role]->(e:Entity) | e.uid] ORDER BY uid";

constexpr std::size_t kShown = 10;

struct Node {
  Uid uid = 0;
  Map properties;
  std::vector<Uid> related;
};

std::vector<Uid> uids_of(Connections& connections, std::string_view cypher) {
  std::vector<Uid> uids;
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    uids.clear();
    transaction.run({cypher}, [&](Unpacker& fields) { uids.push_back(fields.integer()); });
  });
  return uids;
}

std::vector<Node> nodes_of(Connections& connections, std::string_view cypher,
                           const std::vector<Uid>& uids) {
  std::vector<Node> nodes;
  Parameters parameters(1);
  parameters.uids("uids", uids);
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    nodes.clear();
    transaction.run({cypher, parameters.bytes()}, [&](Unpacker& fields) {
      Node& node = nodes.emplace_back();
      node.uid = fields.integer();
      node.properties = fields.map_value();
      for (std::size_t left = fields.list(); left > 0; --left) {
        node.related.push_back(fields.integer());
      }
    });
  });
  return nodes;
}

void find_different_entities(Connections& connections, Doubles& doubles) {
  const auto nodes = nodes_of(connections, kNodesOfEntities, doubles.entities);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const bool same = i == 0 || nodes[i - 1].uid != nodes[i].uid ||
                      nodes[i - 1].properties == nodes[i].properties;
    if (!same) {
      doubles.different.push_back(fmt::format("entity {}: other properties", nodes[i].uid));
    } else if (!nodes[i].related.empty()) {
      doubles.different.push_back(
          fmt::format("entity {}: has relationships other than role", nodes[i].uid));
    }
  }
}

void find_different_facts(Connections& connections, Doubles& doubles) {
  auto nodes = nodes_of(connections, kNodesOfFacts, doubles.facts);
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    if (nodes[i - 1].uid != nodes[i].uid) continue;
    if (nodes[i - 1].properties == nodes[i].properties &&
        nodes[i - 1].related == nodes[i].related) {
      continue;
    }
    doubles.different.push_back(fmt::format("fact {}: other values", nodes[i].uid));
  }
}

}  // namespace

Doubles find_doubles(Connections& connections) {
  Doubles doubles;
  doubles.entities = uids_of(connections, kDoubledEntities);
  doubles.facts = uids_of(connections, kDoubledFacts);
  if (!doubles.entities.empty()) find_different_entities(connections, doubles);
  if (!doubles.facts.empty()) find_different_facts(connections, doubles);
  return doubles;
}

std::string text_of(const Doubles& doubles) {
  std::vector<std::string> shown;
  for (const Uid uid : doubles.facts) shown.push_back(fmt::format("fact {}", uid));
  for (const Uid uid : doubles.entities) shown.push_back(fmt::format("entity {}", uid));
  const std::size_t more = shown.size() - std::min(shown.size(), kShown);
  shown.resize(shown.size() - more);
  return fmt::format("{}{}", fmt::join(shown, ", "),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

std::vector<std::string> merge_statements(const Doubles& doubles) {
  std::vector<std::string> statements;
  if (!doubles.entities.empty()) {
    statements.push_back(fmt::format(
        "MATCH (n:Entity) WHERE n.uid IN [{}]\n"
        "WITH n ORDER BY elementId(n) WITH n.uid AS uid, collect(n) AS nodes\n"
        "WITH nodes[0] AS kept, nodes[1..] AS others UNWIND others AS other\n"
        "CALL {{ WITH kept, other MATCH (other)-[:role]->(f) MERGE (kept)-[:role]->(f) }}\n"
        "CALL {{ WITH kept, other MATCH (f)-[:role]->(other) MERGE (f)-[:role]->(kept) }}\n"
        "DETACH DELETE other",
        fmt::join(doubles.entities, ", ")));
  }
  if (!doubles.facts.empty()) {
    statements.push_back(
        fmt::format("MATCH (n:Fact) WHERE n.fact_uid IN [{}]\n"
                    "WITH n ORDER BY elementId(n) WITH n.fact_uid AS uid, collect(n) AS nodes\n"
                    "UNWIND nodes[1..] AS other DETACH DELETE other",
                    fmt::join(doubles.facts, ", ")));
  }
  return statements;
}

}  // namespace prism::neo4j
