#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/number_format.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// Collects the cells of one row, in any order, and hands them out in the order of their columns;
/// of two cells in one column the later one counts. Its memory is used again for the next row.
class PRISM_API RowBuilder {
 public:
  /// `columns`: the most that the format allows; a column beyond them is Damage.
  RowBuilder(std::uint32_t columns, bool date1904) : columns_(columns), date1904_(date1904) {}

  void clear() {
    cells_.clear();
    copies_.clear();
    text_.cut_to(0);
    text_elsewhere_ = 0;
  }
  bool empty() const { return cells_.empty(); }

  /// A number in a cell of that type: number, or one of the dates in the file's date system.
  void add_number(std::uint32_t column, CellType type, double value) {
    if (!std::isfinite(value)) return add_error(column, "#NUM!");
    if (date1904_ && type != CellType::number) return add_number_of_1904(column, type, value);
    add(column, type, value);
  }
  /// A number that is a day of the 1900 date system whatever the file uses.
  void add_day(std::uint32_t column, CellType type, double value) { add(column, type, value); }
  void add_boolean(std::uint32_t column, bool value) {
    add(column, CellType::boolean, value ? 1.0 : 0.0);
  }
  /// `error` must live until the row is used up.
  void add_error(std::uint32_t column, std::string_view error) {
    add(column, CellType::error, 0).text = error;
  }
  /// `text` must live until the row is used up. An empty text is no cell.
  void add_text(std::uint32_t column, std::string_view text) {
    if (text.empty()) return;
    add(column, CellType::text, 0).text = text;
    text_elsewhere_ += text.size();
  }

  /// Where a text can be appended that lives nowhere else; `end_text` makes a cell of it, or throws
  /// Damage as `finish` does.
  TextBuffer& text() { return text_; }
  void end_text(std::uint32_t column, CellType type = CellType::text);

  /// The row, which lives until `clear`. Throws Damage where its texts are longer than 64 MiB.
  Row finish(std::uint32_t index);

 private:
  void add_number_of_1904(std::uint32_t column, CellType type, double value);

  /// Day 0 of the 1904 date system, 1904-01-01, in the 1900 one.
  static constexpr double kDaysFrom1900To1904 = 1462;

  /// Text of this row: it has an address only when nothing can be appended any more.
  struct Copy {
    std::size_t cell;
    std::size_t begin;
    std::size_t end;
  };

  Cell& add(std::uint32_t column, CellType type, double value) {
    if (column >= columns_ || cells_.size() >= kMostCells) throw_beyond(column);
    return cells_.emplace_back(Cell{column, type, value, {}});
  }
  [[noreturn]] void throw_beyond(std::uint32_t column) const;
  void check_text() const;
  void sort();

  /// A row of a hostile file could name the same columns without end.
  static constexpr std::size_t kMostCells = 65536;

  std::uint32_t columns_;
  bool date1904_;
  std::vector<Cell> cells_;
  std::vector<Copy> copies_;
  TextBuffer text_;
  std::size_t text_elsewhere_ = 0;  ///< bytes of the texts that are not in `text_`
};

}  // namespace prism::sheet
