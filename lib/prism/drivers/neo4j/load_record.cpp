#include <prism/drivers/neo4j/load_record.hpp>
#include <prism/drivers/neo4j/parameters.hpp>

namespace prism::neo4j {
namespace {

/// A transaction of the server's memory holds so many nodes with ease.
constexpr std::int64_t kTogether = 5000;

/// Each takes a piece of what is left, and tells how much that was.
constexpr std::string_view kRemoveFacts =
    "MATCH (part:PrismLoadPart {load: $load}) WHERE part.facts IS NOT NULL "
    "WITH part LIMIT 1 SET part.rest = part.facts[$together..] "
    "WITH part, part.facts[..$together] AS uids "
    "CALL { WITH uids UNWIND uids AS uid MATCH (fact:Fact {fact_uid: uid}) DETACH DELETE fact } "
    "SET part.facts = CASE size(part.rest) WHEN 0 THEN null ELSE part.rest END "
    "REMOVE part.rest RETURN size(uids)";

constexpr std::string_view kRestoreFacts =
    "MATCH (old:PrismOldFact {prism_load: $load}) WITH old LIMIT $together "
    "OPTIONAL MATCH (fact:Fact {fact_uid: old.fact_uid}) "
    "CALL { WITH old, fact WITH old, fact WHERE fact IS NOT NULL "
    "OPTIONAL MATCH (fact)-[role:role]-() DELETE role "
    "WITH DISTINCT old, fact MERGE (left:Entity {uid: old.lh_object_uid}) "
    "MERGE (right:Entity {uid: old.rh_object_uid}) "
    "CREATE (left)-[:role]->(fact)-[:role]->(right) "
    "SET fact = properties(old) REMOVE fact.prism_load } "
    "WITH old DELETE old RETURN count(old)";

constexpr std::string_view kRemoveEntities =
    "MATCH (part:PrismLoadPart {load: $load}) WHERE part.entities IS NOT NULL WITH part LIMIT 1 "
    "CALL { WITH part UNWIND part.entities AS uid MATCH (entity:Entity {uid: uid}) "
    "WHERE NOT (entity)--() DELETE entity } "
    "WITH part, size(part.entities) AS taken DELETE part RETURN taken";

constexpr std::string_view kForgetTemporaries =
    "MATCH (known:PrismTemporaryUid {load: $load}) WITH known LIMIT $together DELETE known "
    "RETURN count(known)";
constexpr std::string_view kForgetBlanks =
    "MATCH (known:PrismBlankUid {load: $load}) WITH known LIMIT $together DELETE known "
    "RETURN count(known)";

constexpr std::string_view kRemoveParts =
    "MATCH (part:PrismLoadPart) WITH part LIMIT 100 DELETE part "
    "RETURN count(part)";
constexpr std::string_view kRemoveOldFacts =
    "MATCH (old:PrismOldFact) WITH old LIMIT $together DELETE old "
    "RETURN count(old)";

constexpr std::string_view kRemoveAllFacts =
    "MATCH (fact:Fact) WITH fact LIMIT $together DETACH DELETE fact RETURN count(fact)";
constexpr std::string_view kRemoveAllEntities =
    "MATCH (entity:Entity) WITH entity LIMIT $together DETACH DELETE entity RETURN count(entity)";
constexpr std::string_view kForgetAllTemporaries =
    "MATCH (known:PrismTemporaryUid) WITH known LIMIT $together DELETE known RETURN count(known)";
constexpr std::string_view kForgetAllBlanks =
    "MATCH (known:PrismBlankUid) WITH known LIMIT $together DELETE known RETURN count(known)";

void repeat(Connections& connections, std::string_view load, std::string_view cypher) {
  Parameters parameters(2);
  parameters.text("load", load).integer("together", kTogether);
  std::int64_t taken = 1;
  while (taken > 0) {
    connections.cancel().check();
    connections.transact(AccessMode::write, [&](Transaction& transaction) {
      taken = integer_of(transaction, {cypher, parameters.bytes()});
    });
  }
}

}  // namespace

std::optional<LoadRecord> read_load_record(Transaction& transaction) {
  std::optional<LoadRecord> record;
  transaction.run({"MATCH (l:PrismLoad) RETURN l.id, l.started, l.fingerprint, l.complete"},
                  [&](Unpacker& fields) {
                    record.emplace();
                    record->id = fields.string();
                    record->started = fields.string();
                    record->fingerprint = fields.string();
                    record->complete = fields.boolean();
                  });
  return record;
}

std::optional<LoadRecord> unfinished_load(Connections& connections) {
  std::optional<LoadRecord> record;
  connections.transact(AccessMode::read,
                       [&](Transaction& transaction) { record = read_load_record(transaction); });
  return record && !record->complete ? record : std::nullopt;
}

uid::UidSet noted_facts(Connections& connections, const LoadRecord& record) {
  Parameters parameters(1);
  parameters.text("load", record.id);
  uid::UidSet facts;
  connections.transact(AccessMode::read, [&](Transaction& transaction) {
    transaction.run({"MATCH (part:PrismLoadPart {load: $load}) WHERE part.facts IS NOT NULL "
                     "RETURN part.facts",
                     parameters.bytes()},
                    [&](Unpacker& fields) {
                      for (std::size_t left = fields.list(); left > 0; --left) {
                        facts.insert(fields.integer());
                      }
                    });
  });
  return facts;
}

void write_load_record(Transaction& transaction, const LoadRecord& record) {
  Parameters parameters(4);
  parameters.text("id", record.id)
      .text("started", record.started)
      .text("fingerprint", record.fingerprint)
      .value("complete")
      .boolean(record.complete);
  transaction.run(
      {"MERGE (l:PrismLoad {name: 'load'}) SET l.id = $id, l.started = $started, "
       "l.fingerprint = $fingerprint, l.complete = $complete",
       parameters.bytes()});
}

void remove_notes(Connections& connections) {
  repeat(connections, "", kRemoveParts);
  repeat(connections, "", kRemoveOldFacts);
}

void take_out(Connections& connections, const LoadRecord& record) {
  for (const std::string_view step :
       {kRemoveFacts, kRestoreFacts, kRemoveEntities, kForgetTemporaries, kForgetBlanks}) {
    repeat(connections, record.id, step);
  }
  connections.transact(AccessMode::write, [&](Transaction& transaction) {
    transaction.run({"MATCH (l:PrismLoad) DELETE l"});
  });
  remove_notes(connections);
}

void remove_all(Connections& connections) {
  for (const std::string_view step : {kRemoveAllFacts, kRemoveAllEntities}) {
    repeat(connections, "", step);
  }
  remove_notes(connections);
  for (const std::string_view step : {kForgetAllTemporaries, kForgetAllBlanks}) {
    repeat(connections, "", step);
  }
}

}  // namespace prism::neo4j
