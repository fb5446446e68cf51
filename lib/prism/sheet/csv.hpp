#pragma once

#include <filesystem>
#include <memory>

#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Opens a CSV file (RFC 4180, UTF-8 with or without BOM, LF or CR LF) as a workbook of one sheet.
/// Every cell is text. Reading throws Error(bad_data) for a NUL, and one that names the row for
/// invalid UTF-8, a quote that is never closed or followed by text, and a row with another number
/// of fields than the header: the first row if most of it is whole numbers, else the second.
PRISM_API std::unique_ptr<Workbook> open_csv(const std::filesystem::path& file);

}  // namespace prism::sheet
