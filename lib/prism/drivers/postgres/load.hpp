#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <prism/drivers/postgres/bulk_connection.hpp>
#include <prism/drivers/postgres/copy_writer.hpp>
#include <prism/drivers/postgres/fact_merge.hpp>
#include <prism/drivers/postgres/registry.hpp>
#include <prism/store/name_collector.hpp>
#include <prism/store/occurrences.hpp>
#include <prism/store/store.hpp>

namespace prism::postgres {

/// One load in one transaction on a connection of its own. Facts go straight into an empty table;
/// where it isn't, and from the first fact on that stands twice in the input, into a staging table
/// that is merged at the end. Others see the store as it was until the commit; of those who would
/// change facts, loads wait for each other and other programs for the merge.
class PostgresLoad : public store::Load {
 public:
  PostgresLoad(Connections& connections, PostgresRegistry& registry, store::OnConflict on_conflict);
  ~PostgresLoad() override;

  void add(gellish::FactBatch batch) override;
  store::LoadSummary finish() override;
  void commit(const uid::Highest& seen) override;
  void clear() override;

 private:
  void begin();
  std::string lock_sql() const;
  bool table_is_empty(std::string_view table);
  void lock_table(std::string_view table);
  void use_layout(const gellish::FactLayout& layout);
  void open_copy();
  void end_copy();
  void begin_staging();
  void add_row(const gellish::FactBatch& batch, std::size_t row, std::uint32_t occurrence);
  void store_names();
  void record();
  void grow();
  void commit_recorded(const char* what);
  bool is_recorded();

  Connections& connections_;
  PostgresRegistry& registry_;
  store::OnConflict on_conflict_;
  std::string id_;  ///< of the load's own row
  BulkConnection connection_;
  bool direct_ = false;
  bool finished_ = false;
  std::vector<gellish::FactLayout> layouts_;  ///< all that came
  std::size_t layout_ = 0;                    ///< the one at hand
  std::optional<CopyWriter> copy_;
  std::int64_t position_ = 0;
  store::Occurrences facts_;
  store::NameCollector names_;
  store::LoadSummary summary_;
  std::optional<FactMerge> merge_;  ///< where there is a staging table
};

}  // namespace prism::postgres
