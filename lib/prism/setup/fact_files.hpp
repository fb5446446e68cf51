#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include <prism/base/context.hpp>
#include <prism/setup/inputs.hpp>
#include <prism/store/fact_files.hpp>

namespace prism::setup {

struct FactFilesResult {
  std::vector<store::FactFile> files;
  std::uint64_t facts = 0;
  std::uint64_t unchanged = 0;  ///< rows that only say again what a row before them said
};

/// Writes the facts of CSV files, whose rows were checked and have permanent UIDs, to other files.
/// A fact that comes again is left out, and throws Error(refused) where it says something else, as
/// in a load. Keeps the UIDs of all facts, and the values of those that come again.
PRISM_API FactFilesResult write_fact_files(std::span<const CsvInput> inputs,
                                           const std::filesystem::path& folder,
                                           store::FactFiles& files, Context& context);

}  // namespace prism::setup
