#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// The rows of a reader that gives them in any order, and one row in several parts, in rising
/// order: of two cells in one place the later one counts. Holds all of them, 24 bytes a cell and
/// their text; a sheet that would take more than 512 MiB is an Error(bad_data).
class PRISM_API SortedRows : public RowReader {
 public:
  /// `where` begins the error message.
  SortedRows(std::unique_ptr<RowReader> rows, std::string where);

  bool next(Row& row) override;

 private:
  struct StoredCell {
    std::uint32_t row;
    std::uint32_t column;
    std::uint32_t text_size;
    CellType type;
    union {
      double number;
      std::uint64_t text_begin;
    };
  };

  void read_all(const std::string& where);
  void store(const Row& row);
  void sort();
  Cell cell_of(const StoredCell& stored) const;

  std::unique_ptr<RowReader> rows_;
  std::vector<StoredCell> stored_;
  TextBuffer text_;
  std::size_t at_ = 0;
  std::vector<Cell> cells_;
};

}  // namespace prism::sheet
