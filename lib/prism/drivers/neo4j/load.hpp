#pragma once

#include <optional>
#include <string>

#include <prism/drivers/load_via.hpp>
#include <prism/drivers/neo4j/import_folder.hpp>
#include <prism/drivers/neo4j/load_plan.hpp>
#include <prism/drivers/neo4j/load_record.hpp>
#include <prism/drivers/neo4j/registry.hpp>
#include <prism/store/store.hpp>

namespace prism::neo4j {

/// Nothing is written before `commit`: until then facts are compared with what is stored, and what
/// is to be written waits in a temporary file. Then a small load is one transaction. A large one is
/// many, with a record: cut off, the same load again finishes it, and `abandon` takes it out.
class Neo4jLoad : public store::Load {
 public:
  Neo4jLoad(Connections& connections, Neo4jRegistry& registry, store::OnConflict on_conflict,
            LoadVia via);
  ~Neo4jLoad() override;

  void add(gellish::FactBatch batch) override { plan_.add(batch); }
  store::LoadSummary finish() override;
  void commit(const uid::Highest& seen) override;
  bool abandon() override;
  void clear() override;

 private:
  bool is_small() const;
  void require_the_same(const std::string& fingerprint) const;
  bool commit_at_once(const uid::Highest& seen, const LoadRecord& record);
  void write_all(Transaction& transaction);
  void commit_in_parts(const uid::Highest& seen, LoadRecord record);
  void begin_parts(const LoadRecord& record);
  static void end_parts(Transaction& transaction, const LoadRecord& record);
  void complete(Transaction& transaction, const uid::Highest& seen, LoadRecord record);
  bool is_complete(const LoadRecord& record);

  Connections& connections_;
  Neo4jRegistry& registry_;
  std::optional<LoadRecord> unfinished_;       ///< what was cut off before
  std::optional<ImportFolder> import_folder_;  ///< of a load by LOAD CSV
  NewUids new_uids_;
  LoadPlan plan_;
  std::optional<store::LoadSummary> summary_;
};

}  // namespace prism::neo4j
