#pragma once

#include <string_view>

#include <prism/base/export.hpp>

namespace prism::sheet {

struct CsvDialect {
  char delimiter = ',';   ///< or `;` or a tab
  char line_end = '\n';   ///< LF stands for CR LF too; or CR, as old Macs wrote it
  bool declared = false;  ///< by a first line such as `sep=;`, which is no row
};

/// Tells from the first records of a CSV file, of which 20 are looked at, how it is written: what
/// is between the fields of the row of column IDs (whole numbers only, row 1 or 2); else what
/// stands equally often in every record, in most of them when there are several; else what stands
/// equally often in most records. Commas as in `1,5;2,5` are parts of numbers. `whole`: nothing
/// follows.
PRISM_API CsvDialect detect_csv_dialect(std::string_view start, bool whole);

}  // namespace prism::sheet
