#pragma once

#include <cstdint>
#include <vector>

#include <prism/sheet/biff.hpp>
#include <prism/sheet/number_format.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// What all sheets of an .xls workbook share ([MS-XLS] section 2.1.7.20.3, the Globals substream).
struct XlsGlobals {
  std::vector<SheetInfo> sheets;
  std::vector<std::uint32_t> offsets;  ///< where in the stream each sheet's BOF record lies
  StringArena strings;
  CellFormats formats;
  bool date1904 = false;
};

/// Reads the substream at the start of the workbook stream. Throws Damage, also when the workbook
/// is encrypted or of a version before BIFF8.
void read_xls_globals(const ByteSource& stream, XlsGlobals& globals);

/// Throws Damage unless the record is a BOF of BIFF8.
void require_biff8(const Record& record);

}  // namespace prism::sheet
