#pragma once

#include <memory>
#include <string>

#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Opens a zip archive: an .xlsx workbook (also .xlsm, .xltx), or an Error(bad_data) that says what
/// it is.
std::unique_ptr<Workbook> open_xlsx(std::unique_ptr<ByteSource> file, const std::string& name);

}  // namespace prism::sheet
