#include <algorithm>
#include <string>

#include <prism/sheet/row_builder.hpp>

namespace prism::sheet {

void RowBuilder::end_text(std::uint32_t column, CellType type) {
  const std::size_t begin = copies_.empty() ? 0 : copies_.back().end;
  if (text_.size() == begin) return;
  check_text();
  add(column, type, 0);
  copies_.push_back({cells_.size() - 1, begin, text_.size()});
}

void RowBuilder::add_number_of_1904(std::uint32_t column, CellType type, double value) {
  constexpr double kAfterYear9999 = 2958466 - kDaysFrom1900To1904;
  // A time of day or a span of hours does not begin at any date.
  const bool day = type == CellType::date || type == CellType::date_time ||
                   (type == CellType::time && value >= 1);
  if (!day) {
    add(column, type, value);
  } else if (value >= 0 && value < kAfterYear9999) {
    add(column, type, value + kDaysFrom1900To1904);
  } else {
    add(column, CellType::number, value);  // no date, so it stays what the file says
  }
}

Row RowBuilder::finish(std::uint32_t index) {
  check_text();
  for (const Copy& copy : copies_) {
    cells_[copy.cell].text = {text_.data() + copy.begin, copy.end - copy.begin};
  }
  const auto unordered = [](const Cell& a, const Cell& b) { return a.column >= b.column; };
  if (std::adjacent_find(cells_.begin(), cells_.end(), unordered) != cells_.end()) sort();
  return {index, cells_};
}

/// All cells of a row may have one and the same shared string of 16 MiB: as a line of CSV that
/// would fill the memory.
void RowBuilder::check_text() const {
  constexpr std::size_t kMost = std::size_t{64} << 20;
  if (text_.size() + text_elsewhere_ > kMost) {
    throw Damage("the texts of the row are longer than 64 MiB");
  }
}

void RowBuilder::sort() {
  std::stable_sort(cells_.begin(), cells_.end(),
                   [](const Cell& a, const Cell& b) { return a.column < b.column; });
  auto last = cells_.begin();
  for (auto cell = last + 1; cell != cells_.end(); ++cell) {
    if (cell->column != last->column) ++last;
    *last = *cell;
  }
  cells_.erase(last + 1, cells_.end());
}

void RowBuilder::throw_beyond(std::uint32_t column) const {
  if (column < columns_) throw Damage("the row holds more than 65536 cells");
  throw Damage("found column " + std::to_string(column + 1) + ", expected at most " +
               std::to_string(columns_));
}

}  // namespace prism::sheet
