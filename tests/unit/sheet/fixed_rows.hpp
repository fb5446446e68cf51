#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <prism/sheet/workbook.hpp>

namespace prism::sheet::test {

/// Rows in memory, given as they stand.
class FixedRows : public RowReader {
 public:
  using Line = std::pair<std::uint32_t, std::vector<Cell>>;

  explicit FixedRows(std::vector<Line> lines) : lines_(std::move(lines)) {}

  bool next(Row& row) override {
    if (at_ == lines_.size()) return false;
    row = {lines_[at_].first, lines_[at_].second};
    ++at_;
    return true;
  }

 private:
  std::vector<Line> lines_;
  std::size_t at_ = 0;
};

inline Cell text_cell(std::uint32_t column, std::string_view text) {
  return {column, CellType::text, 0, text};
}
inline Cell number_cell(std::uint32_t column, double number) {
  return {column, CellType::number, number, {}};
}

}  // namespace prism::sheet::test
