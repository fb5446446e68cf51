#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <prism/base/context.hpp>
#include <prism/setup/inputs.hpp>
#include <prism/store/store.hpp>

namespace prism::setup {

struct ImportOptions {
  std::vector<CsvInput> files;
  store::OnConflict on_conflict = store::OnConflict::fail;
  std::filesystem::path rejects_file = "prismctl-rejects.csv";
  bool strict = false;          ///< a rejected row ends it, with nothing loaded
  bool dry_run = false;         ///< all but the commit
  bool checked_before = false;  ///< the rows were converted just now: their warnings were given
  uid::Limits limits;
};

struct ImportResult {
  store::LoadSummary facts;
  std::uint64_t rejected = 0;
  std::uint64_t warnings = 0;
  std::uint64_t uids_taken = 0;
  std::filesystem::path rejects_file;  ///< empty when no row was rejected
};

/// CSV files into a store, in one load. Facts are made on a thread of their own. Files without
/// temporary and blank UIDs are read once; where there are some, all files are read to their end to
/// collect them, and then once more to make their facts.
PRISM_API ImportResult import_csv(const ImportOptions& options, store::FactStore& store,
                                  Context& context);

}  // namespace prism::setup
