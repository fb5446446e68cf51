#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/fact_batch.hpp>
#include <prism/drivers/neo4j/parameters.hpp>

namespace prism::neo4j {
namespace {

constexpr std::string_view kMakeEntities = "UNWIND $uids AS uid MERGE (:Entity {uid: uid})";
constexpr std::string_view kMakeAndNoteEntities =
    "UNWIND $uids AS uid OPTIONAL MATCH (there:Entity {uid: uid}) "
    "WITH uid, there WHERE there IS NULL CREATE (:Entity {uid: uid}) "
    "WITH collect(uid) AS made WHERE size(made) > 0 "
    "CREATE (:PrismLoadPart {load: $load, part: $part, entities: made})";

constexpr std::string_view kMakeFacts =
    "UNWIND $rows AS row MATCH (left:Entity {uid: row[1]}) MATCH (right:Entity {uid: row[2]}) "
    "CREATE (left)-[:role]->(fact:Fact)-[:role]->(right) SET fact = row[3]";
constexpr std::string_view kNoteFacts =
    "CREATE (:PrismLoadPart {load: $load, part: $part, facts: $uids})";

constexpr std::string_view kNoteOldFacts =
    "UNWIND $uids AS uid MATCH (fact:Fact {fact_uid: uid}) "
    "MERGE (old:PrismOldFact {fact_uid: uid, prism_load: $load}) "
    "ON CREATE SET old += properties(fact)";
constexpr std::string_view kUpdateFacts =
    "UNWIND $rows AS row MATCH (fact:Fact {fact_uid: row[0]}) "
    "OPTIONAL MATCH (fact)-[role:role]-() DELETE role "
    "WITH DISTINCT row, fact "
    "MATCH (left:Entity {uid: row[1]}) MATCH (right:Entity {uid: row[2]}) "
    "CREATE (left)-[:role]->(fact)-[:role]->(right) SET fact = row[3]";

/// Parameters of a note.
std::string noted(const Part& part, std::span<const Uid> uids) {
  Parameters parameters(3);
  parameters.text("load", part.load).text("part", part.name).uids("uids", uids);
  return parameters.bytes();
}

std::string rows_of(const FactRows& rows) {
  Parameters parameters(1);
  parameters.packed("rows", rows.list());
  return parameters.bytes();
}

[[noreturn]] void fail_without_entity() {
  throw Error(ErrorCode::unavailable,
              "an entity of the load was removed by another program while it was stored",
              "run it again");
}

}  // namespace

void FactRows::add(const PlannedFact& fact) {
  Packer packer(packed_);
  packer.list(4);
  packer.integer(fact.fact);
  packer.integer(fact.left);
  packer.integer(fact.right);
  packed_.append(fact.properties);
  facts_.push_back(fact.fact);
  entities_.insert(entities_.end(), {fact.left, fact.right});
  ends_.push_back(packed_.size());
  longest_ = std::max(longest_, fact.properties.size());
}

void FactRows::clear() { *this = {}; }

std::string FactRows::list() const {
  std::string list;
  list.reserve(packed_.size() + 8);
  Packer(list).list(size());
  return list += packed_;
}

void FactRows::for_each(const std::function<void(const PlannedFact&)>& take) const {
  Unpacker rows(packed_);
  for (const std::size_t end : ends_) {
    rows.list();
    PlannedFact fact{rows.integer(), rows.integer(), rows.integer(), {}};
    const std::size_t begin = rows.offset();
    rows.skip();
    fact.properties = std::string_view(packed_).substr(begin, end - begin);
    take(fact);
  }
}

FactRows FactRows::without(const uid::UidSet& facts) const {
  FactRows rest;
  for_each([&](const PlannedFact& fact) {
    if (!facts.contains(fact.fact)) rest.add(fact);
  });
  return rest;
}

std::vector<Uid> FactRows::entities() const {
  std::vector<Uid> uids = entities_;
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  return uids;
}

NodeGroups FactRows::groups() const {
  NodeGroups groups = 0;
  for (const Uid entity : entities_) groups |= NodeGroups{1} << group_of(entity);
  return groups;
}

std::pair<FactRows, FactRows> FactRows::halves() const {
  std::pair<FactRows, FactRows> halves;
  for_each([&](const PlannedFact& fact) {
    (halves.first.size() < size() / 2 ? halves.first : halves.second).add(fact);
  });
  return halves;
}

void write_entities(Transaction& transaction, const Part* part, std::span<const Uid> entities) {
  if (part != nullptr) {
    transaction.send({kMakeAndNoteEntities, noted(*part, entities)});
    return;
  }
  Parameters parameters(1);
  parameters.uids("uids", entities);
  transaction.send({kMakeEntities, parameters.bytes()});
}

void write_facts(Transaction& transaction, const Part* part, const FactRows& rows) {
  require_all_made(transaction.run({kMakeFacts, rows_of(rows)}), rows);
  if (part != nullptr) note_facts(transaction, *part, rows);
}

void note_facts(Transaction& transaction, const Part& part, const FactRows& rows) {
  transaction.send({kNoteFacts, noted(part, rows.facts())});
}

void require_all_made(const Summary& summary, const FactRows& rows) {
  if (summary.counters.nodes_created == static_cast<std::int64_t>(rows.size())) return;
  fail_without_entity();
}

void write_updates(Transaction& transaction, const Part* part, const FactRows& rows) {
  if (part != nullptr) transaction.send({kNoteOldFacts, noted(*part, rows.facts())});
  const Summary summary = transaction.run({kUpdateFacts, rows_of(rows)});
  if (summary.counters.relationships_created != 2 * static_cast<std::int64_t>(rows.size())) {
    fail_without_entity();
  }
}

}  // namespace prism::neo4j
