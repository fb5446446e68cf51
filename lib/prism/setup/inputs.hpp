#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::setup {

/// The workbooks that the paths name: files as they stand, of a folder its .xls, .xlsx and .xlsm
/// files by name, not below it. Throws Error(input_missing) for a path that isn't there and for a
/// folder without workbooks.
PRISM_API std::vector<std::filesystem::path> find_workbooks(
    std::span<const std::filesystem::path> paths);

/// A CSV file to import, and the workbook that it was made from as far as that is known: what
/// temporary UIDs become is remembered by that name.
struct CsvInput {
  std::filesystem::path file;
  std::string workbook;
};

/// The CSV files that the paths name: files as they stand, of a folder those that `convert` made
/// there, else all of its .csv files by name.
PRISM_API std::vector<CsvInput> find_csv_files(std::span<const std::filesystem::path> paths);

/// Throws Error(usage) when two of the names are the same: what temporary UIDs stand for would be
/// mixed up.
void require_distinct(std::span<const std::string> workbooks);

/// SHA-256 over names and contents, in hex.
std::string fingerprint(std::span<const std::filesystem::path> files);

}  // namespace prism::setup
