#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <prism/base/sha256.hpp>
#include <prism/base/spool.hpp>
#include <prism/drivers/neo4j/connections.hpp>
#include <prism/drivers/neo4j/fact_properties.hpp>
#include <prism/store/occurrences.hpp>
#include <prism/store/store.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::neo4j {

/// A fact that is to be written: all of its properties.
struct PlannedFact {
  Uid fact = 0;
  Uid left = 0;
  Uid right = 0;
  std::string_view properties;  ///< a packed map
};

/// What a load will write. Each fact is compared with the stored one and with those before it, and
/// nothing is written yet: whether a load goes well is known before it begins to change anything.
class LoadPlan {
 public:
  /// `begun`: facts that the same load has made, or was about to make, before it was cut off.
  LoadPlan(Connections& connections, store::OnConflict on_conflict, uid::UidSet begun);

  /// Throws Error(refused) for a conflict under OnConflict::fail, here or in finish().
  void add(const gellish::FactBatch& batch);
  store::LoadSummary finish();

  std::uint64_t writes() const { return summary_.inserted + summary_.updated; }
  std::uint64_t bytes() const { return inserts_.bytes() + updates_.bytes(); }
  /// In the order of the input; the updates come behind all inserts.
  void each_insert(const std::function<void(const PlannedFact&)>& take);
  void each_update(const std::function<void(const PlannedFact&)>& take);
  /// Entities that an updated fact had before.
  const std::unordered_set<Uid>& left_behind() const { return left_behind_; }
  /// Of the facts that were added: the same input has the same.
  std::string fingerprint() { return fingerprint_.hex(); }

 private:
  struct Row {
    Uid fact, left, right;
    std::size_t begin, size;  ///< in packed_
    const FactProperties* properties;
    bool again;  ///< its UID was met before
  };
  using States = std::unordered_map<Uid, Map>;

  void use_layout(const gellish::FactLayout& layout);
  void check();
  States states();
  void recall(States& states, const std::unordered_set<Uid>& again);
  void fetch(States& states);
  void check_row(const Row& row, States& states, const std::unordered_set<Uid>& again);
  void update(const Row& row, Map& stored, const Map& input);
  [[noreturn]] static void fail(const Row& row, const Map& stored, const Map& input,
                                const std::string& name);
  PlannedFact planned(const Row& row) const;

  Connections& connections_;
  store::OnConflict on_conflict_;
  uid::UidSet begun_;
  bool empty_;                                            ///< the store holds no facts
  std::vector<std::unique_ptr<FactProperties>> layouts_;  ///< the last one is at hand
  std::vector<Row> rows_;                                 ///< not checked yet
  std::string packed_;
  store::Occurrences met_;
  Spool inserts_, updates_;
  std::unordered_set<Uid> left_behind_;
  store::LoadSummary summary_;
  Sha256 fingerprint_;
};

}  // namespace prism::neo4j
