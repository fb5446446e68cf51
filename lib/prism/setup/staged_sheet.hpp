#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/files.hpp>
#include <prism/gellish/table.hpp>
#include <prism/setup/converter.hpp>
#include <prism/setup/issues.hpp>
#include <prism/uid/scan.hpp>

namespace prism::setup {

/// A workbook whose chosen sheet lies in a CSV file, and what is to be known of it before it may
/// get its permanent UIDs.
struct StagedSheet {
  ConvertedFile file;
  std::unique_ptr<IssueSpool> issues;
  std::optional<uid::Scan> scan;  ///< none: the sheet as it stands (ConvertOptions::raw)
  std::vector<uid::Temporary> temporaries;

  bool needs_uids() const { return scan && !scan->needs_nothing(); }
};

/// Writes the chosen sheet of `workbook` to the file `csv`; rejected rows are spooled beside it.
/// `advance` is told of rows written, now and then.
StagedSheet stage_sheet(const ConvertOptions& options, const std::filesystem::path& workbook,
                        const std::filesystem::path& csv, const Cancel& cancel,
                        const std::function<void(std::uint64_t)>& advance);

// The CSV of facts: the column IDs, then a line for each record.
void write_header(FileWriter& writer, const gellish::Header& header);
void write_record(FileWriter& writer, const gellish::Record& record);

}  // namespace prism::setup
