#pragma once

#include <cstdint>
#include <string>

#include <prism/base/export.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Turns the rows of a sheet into CSV as they stand from A1 on: a line for every row up to the last
/// one that holds something, in each the cells up to the last one that does (append_cell_text).
class PRISM_API RawCsv {
 public:
  /// Appends the row, and an empty line for each row between the one before and this one.
  void append(std::string& out, const Row& row);

 private:
  std::uint32_t next_row_ = 0;
};

}  // namespace prism::sheet
