#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <prism/sheet/biff.hpp>
#include <prism/sheet/biff_version.hpp>
#include <prism/sheet/number_format.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// What the cells of a sheet refer to: one for all sheets ([MS-XLS] section 2.1.7.20.3, the Globals
/// substream), but in BIFF4 and before one for each.
struct XlsGlobals {
  BiffVersion version = BiffVersion::biff8;
  unsigned code_page = 1252;  ///< of all strings before BIFF8
  StringArena strings;
  std::shared_ptr<const CellFormats> formats;  ///< never null
  bool formats_in_cells = false;  ///< BIFF2: cells name a number format instead of a cell format
  bool date1904 = false;
  std::unique_ptr<RecordCipher> cipher;  ///< of an encrypted workbook
};

struct XlsSheet {
  SheetInfo info;
  std::uint32_t offset = 0;                   ///< where in the stream its BOF record lies
  std::shared_ptr<const XlsGlobals> globals;  ///< never null
};

/// Reads the substream at the start of a workbook's stream, of any version; a stream of one sheet
/// and nothing else gives that one, under the name `Sheet1`. `otherwise`: the version where the
/// stream names none. Throws Damage, also when the workbook is encrypted.
std::vector<XlsSheet> read_xls_sheets(const ByteSource& stream, BiffVersion otherwise);

}  // namespace prism::sheet
