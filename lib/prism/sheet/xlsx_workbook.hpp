#pragma once

#include <memory>

#include <prism/sheet/input_file.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Opens a zip archive: an .xlsx workbook (also .xlsm, .xltx), or an Error(bad_data) that says what
/// it is.
std::unique_ptr<Workbook> open_xlsx(InputFile file);

}  // namespace prism::sheet
