#pragma once

#include <memory>
#include <string>

#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Opens a file that begins with the OLE2 signature: an .xls workbook of Excel 5.0 or later, or an
/// Error(bad_data) that says what it is.
std::unique_ptr<Workbook> open_xls(std::unique_ptr<ByteSource> file, const std::string& name);

/// Opens a file that is a stream of records and no more: an .xls workbook of any version, most
/// often of Excel 4.0 or before, or from a program that leaves the container out.
std::unique_ptr<Workbook> open_bare_xls(std::unique_ptr<ByteSource> file, const std::string& name);

}  // namespace prism::sheet
