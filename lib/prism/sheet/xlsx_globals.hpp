#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <prism/sheet/number_format.hpp>
#include <prism/sheet/opc_package.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/workbook.hpp>
#include <prism/sheet/zip_archive.hpp>

namespace prism::sheet {

/// What the workbook part says ([ECMA-376] part 1, section 18.2).
struct XlsxSheets {
  std::vector<SheetInfo> infos;
  std::vector<std::string> parts;  ///< of each sheet; empty when no relationship names it
  bool date1904 = false;
};

/// `relationships` are those of the workbook part.
XlsxSheets read_xlsx_sheets(const ZipArchive& archive, std::string_view workbook_part,
                            const std::vector<Relationship>& relationships);

/// The part with the styles ([ECMA-376] part 1, section 18.8).
void read_xlsx_styles(const ZipArchive& archive, std::string_view part, CellFormats& formats);

/// The part with the shared strings ([ECMA-376] part 1, section 18.4).
void read_xlsx_strings(const ZipArchive& archive, std::string_view part, StringArena& strings);

}  // namespace prism::sheet
