#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/context.hpp>
#include <prism/store/fact_files.hpp>
#include <prism/uid/registry.hpp>

namespace prism::setup {

struct ConvertOptions {
  std::vector<std::filesystem::path> workbooks;
  std::filesystem::path output;        ///< a folder
  std::filesystem::path rejects_file;  ///< default: `rejects.csv` in the folder
  std::optional<std::string> sheet;    ///< its name or number; default: the first visible one
  bool raw = false;      ///< the sheet as it stands, not facts; then without a registry
  std::size_t jobs = 0;  ///< workbooks that are read side by side; 0: as many as there are cores
  bool strict = false;   ///< a rejected row ends it, with nothing written but the rejects
  store::FactFiles* files = nullptr;  ///< where the facts go instead of CSV files; not when raw
  uid::Limits limits;
};

struct ConvertedFile {
  std::string name;      ///< `0.csv`
  std::string workbook;  ///< the file's name without its folder
  std::string sheet;
  std::uint64_t facts = 0;  ///< of a raw sheet: rows that hold something
};

struct ConvertResult {
  std::vector<ConvertedFile> files;
  std::uint64_t facts = 0;
  std::vector<store::FactFile> fact_files;  ///< those of ConvertOptions::files
  std::uint64_t unchanged = 0;  ///< of them: rows that only say again what a row before them said
  std::uint64_t rejected = 0;
  std::uint64_t warnings = 0;
  std::uint64_t uids_taken = 0;
  std::filesystem::path rejects_file;
};

/// Workbooks to CSV files of facts, one each, in a folder: all of them or none, and the same
/// whatever the number of jobs. With a registry,
/// temporary and blank UIDs become permanent ones; without, they stay as they are, which throws
/// Error(bad_data) where ConvertOptions::files takes permanent ones only.
PRISM_API ConvertResult convert(const ConvertOptions& options, uid::Registry* registry,
                                Context& context);

}  // namespace prism::setup
