#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/drivers/neo4j/load_plan.hpp>
#include <prism/drivers/neo4j/node_groups.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::neo4j {

/// Facts on their way to the server in one query: rows [fact, left, right, properties].
class PRISM_API FactRows {
 public:
  void add(const PlannedFact& fact);
  void clear();

  std::size_t size() const { return facts_.size(); }
  std::size_t bytes() const { return packed_.size(); }
  /// Bytes of the largest fact.
  std::size_t longest() const { return longest_; }
  std::span<const Uid> facts() const { return facts_; }
  /// A packed list.
  std::string list() const;
  /// In the order in which they were added.
  void for_each(const std::function<void(const PlannedFact&)>& take) const;

  /// Their entities, each once, in ascending order.
  std::vector<Uid> entities() const;

  NodeGroups groups() const;

  /// The first half and the second; of two facts at least.
  std::pair<FactRows, FactRows> halves() const;
  /// Those that are not among `facts`.
  FactRows without(const uid::UidSet& facts) const;

 private:
  std::string packed_;
  std::vector<Uid> facts_;
  std::vector<Uid> entities_;      ///< two for each fact
  std::vector<std::size_t> ends_;  ///< in packed_
  std::size_t longest_ = 0;
};

/// Facts that are written in a transaction of their own.
struct Batch {
  std::string part;
  FactRows rows;

  std::size_t bytes() const { return rows.bytes(); }
  NodeGroups groups() const { return rows.groups(); }
};

/// A part of a load that is written in many transactions. What it makes is noted beside it, so that
/// a load that was cut off can be taken out again.
struct Part {
  std::string_view load;
  std::string_view name;
};

/// Makes those entities that are not there. `part` null: all is one transaction, and needs no
/// notes.
void write_entities(Transaction& transaction, const Part* part, std::span<const Uid> entities);

/// Makes facts between entities that are there. Throws as require_all_made().
void write_facts(Transaction& transaction, const Part* part, const FactRows& rows);

/// Notes the facts that a part is about to make.
void note_facts(Transaction& transaction, const Part& part, const FactRows& rows);

/// Throws Error(unavailable) where a query has made fewer facts than that: another program removed
/// one of their entities.
void require_all_made(const Summary& summary, const FactRows& rows);

/// Gives facts other properties and, where they changed, other entities.
void write_updates(Transaction& transaction, const Part* part, const FactRows& rows);

}  // namespace prism::neo4j
