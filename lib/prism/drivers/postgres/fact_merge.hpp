#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <prism/drivers/postgres/bulk_connection.hpp>
#include <prism/gellish/fact.hpp>
#include <prism/store/store.hpp>

namespace prism::postgres {

/// The columns of the table of facts that a layout fills.
std::vector<std::string> column_names(const gellish::FactLayout& layout);

/// The staging table of a load and what becomes of its facts. Goes with the transaction.
class FactMerge {
 public:
  /// Makes the table.
  FactMerge(BulkConnection& connection, std::string schema, store::OnConflict on_conflict);

  /// The COPY that fills it: position, layout and occurrence of a row, and then the layout's
  /// columns.
  static std::string copy_sql(const gellish::FactLayout& layout);

  /// Merges all that was staged: the first fact of each UID with what is stored, the second with
  /// what came of that, and so on. `layouts` by their numbers in the staging table. Throws
  /// Error(refused) for a conflict under OnConflict::fail.
  store::LoadSummary run(const std::vector<gellish::FactLayout>& layouts,
                         std::uint32_t most_occurrences);

  /// Entities whose names may have come from facts that are not as they were added: those of
  /// updated and of skipped facts. They are made anew from all facts, in one pass.
  void refresh_names();

 private:
  struct Step;

  void merge(const Step& step);
  bool meet_stored(const Step& step);
  void insert(const Step& step);
  void update(const Step& step);
  void note_entities(const Step& step);
  [[noreturn]] void fail(const Step& step);

  BulkConnection& connection_;
  std::string schema_;
  store::OnConflict on_conflict_;
  store::LoadSummary summary_;
};

}  // namespace prism::postgres
