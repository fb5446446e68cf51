#pragma once

#include <filesystem>
#include <memory>

#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Opens a CSV file (RFC 4180, UTF-8 with or without BOM, LF or CR LF) as a workbook of one sheet.
/// Every cell is text. Reading throws Error(bad_data) that names the row for invalid UTF-8, a NUL, a
/// quote that is never closed or followed by text, and a row with another number of fields than the
/// header: the first row, or the second where the first holds more than whole numbers.
PRISM_API std::unique_ptr<Workbook> open_csv(const std::filesystem::path& file);

}  // namespace prism::sheet
