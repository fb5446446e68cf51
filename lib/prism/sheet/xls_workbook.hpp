#pragma once

#include <memory>
#include <string>

#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Opens a file that begins with the OLE2 signature: an .xls workbook of Excel 97 or later, or an
/// Error(bad_data) that says what it is.
std::unique_ptr<Workbook> open_xls(std::unique_ptr<ByteSource> file, const std::string& name);

}  // namespace prism::sheet
