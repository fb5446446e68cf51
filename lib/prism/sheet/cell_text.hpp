#pragma once

#include <string>

#include <prism/base/export.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Appends what a cell holds as text: text and errors as they stand, `TRUE` or `FALSE`, numbers as
/// the shortest text that reads back the same, `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS`, `HH:MM:SS`
/// (rounded to seconds; a duration may have more than 24 hours).
///
/// No part of the value is lost to its format: a date with a time of day is shown with it, a time
/// with a day too. 60 is `1900-02-29` as Excel shows it, day 0 is `1899-12-31`; what lies outside
/// the years 1900-9999 is shown as its number.
PRISM_API void append_cell_text(std::string& out, const Cell& cell);

}  // namespace prism::sheet
