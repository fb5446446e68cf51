#pragma once

#include <memory>
#include <optional>
#include <unordered_set>

#include <prism/drivers/sqlite/database.hpp>
#include <prism/store/name_collector.hpp>
#include <prism/store/store.hpp>

namespace prism::sqlite {

/// One load in one transaction of its connection.
class SqliteLoad : public store::Load {
 public:
  SqliteLoad(Database& database, store::OnConflict on_conflict);
  ~SqliteLoad() override;

  void add(gellish::FactBatch batch) override;
  store::LoadSummary finish() override { return summary_; }
  void commit(const uid::Highest& seen) override;
  void clear() override;

 private:
  struct Statements;

  void use_layout(const gellish::FactLayout& layout);
  std::size_t insert(const gellish::FactBatch& batch, std::size_t row, std::size_t wanted);
  void meet_stored(const gellish::FactBatch& batch, std::size_t row);
  void update(const gellish::FactBatch& batch, std::size_t row);
  void note_stored_entities(Uid fact);
  void store_names(store::EntityNames& names);
  void refresh_names();

  Database& database_;
  Transaction transaction_;
  store::OnConflict on_conflict_;
  store::LoadSummary summary_;
  std::unique_ptr<Statements> statements_;
  store::NameCollector names_;     ///< of inserted facts
  std::unordered_set<Uid> stale_;  ///< entities whose names may have come from an updated fact
};

}  // namespace prism::sqlite
