#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// What a number format code such as `d\-mmm\-yy` makes of a number: date, date_time, time,
/// duration (`[h]:mm`), or
/// number when it is none of these. Only the section for positive numbers counts. [ECMA-376] part
/// 1, section 18.8.31.
PRISM_API CellType type_of_format_code(std::string_view code);

/// The same for a format that a file names by number only ([ECMA-376] part 1, section 18.8.30).
/// 27-36 and 50-58 differ from one East Asian language to the other; they are taken as what they
/// are in most.
PRISM_API CellType type_of_builtin_format(std::uint32_t id);

/// The number formats of a workbook. First its codes are added, then its cell formats (XF records,
/// `cellXfs`), which cells refer to by their position.
class PRISM_API CellFormats {
 public:
  void add_code(std::uint32_t id, std::string_view code);
  void add_cell_format(std::uint32_t format_id) { format_ids_.push_back(format_id); }
  /// When all is added.
  void resolve();

  /// The type of numbers in cells of that format; number when there is no such format.
  CellType type(std::uint32_t cell_format) const {
    return cell_format < types_.size() ? types_[cell_format] : CellType::number;
  }

 private:
  std::map<std::uint32_t, CellType> codes_;
  std::vector<std::uint32_t> format_ids_;
  std::vector<CellType> types_;
};

}  // namespace prism::sheet
