#include <algorithm>
#include <tuple>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/sheet/sorted_rows.hpp>

namespace prism::sheet {
namespace {

constexpr std::size_t kMost = std::size_t{512} << 20;  // bytes: a full .xls sheet and its text

bool holds_text(CellType type) { return type == CellType::text || type == CellType::error; }

}  // namespace

SortedRows::SortedRows(std::unique_ptr<RowReader> rows, std::string where)
    : rows_(std::move(rows)) {
  read_all(where);
  sort();
  rows_.reset();
}

void SortedRows::read_all(const std::string& where) {
  Row row;
  while (rows_->next(row)) {
    store(row);
    if (stored_.size() * sizeof(StoredCell) + text_.size() > kMost) {
      throw Error(ErrorCode::bad_data,
                  where + ": its rows are stored out of order, and are too many to be sorted");
    }
  }
}

void SortedRows::store(const Row& row) {
  for (const Cell& cell : row.cells) {
    StoredCell& stored = stored_.emplace_back();
    stored.row = row.index;
    stored.column = cell.column;
    stored.type = cell.type;
    if (holds_text(cell.type)) {
      stored.text_begin = text_.size();
      stored.text_size = static_cast<std::uint32_t>(cell.text.size());
      append_text(text_, cell.text);
    } else {
      stored.number = cell.number;
    }
  }
}

void SortedRows::sort() {
  std::stable_sort(stored_.begin(), stored_.end(), [](const StoredCell& a, const StoredCell& b) {
    return std::tie(a.row, a.column) < std::tie(b.row, b.column);
  });
}

Cell SortedRows::cell_of(const StoredCell& stored) const {
  if (!holds_text(stored.type)) return {stored.column, stored.type, stored.number, {}};
  return {stored.column, stored.type, 0, {text_.data() + stored.text_begin, stored.text_size}};
}

bool SortedRows::next(Row& row) {
  cells_.clear();
  if (at_ == stored_.size()) return false;
  const std::uint32_t index = stored_[at_].row;
  for (; at_ < stored_.size() && stored_[at_].row == index; ++at_) {
    const Cell cell = cell_of(stored_[at_]);
    if (!cells_.empty() && cells_.back().column == cell.column) {
      cells_.back() = cell;
    } else {
      cells_.push_back(cell);
    }
  }
  row = {index, cells_};
  return true;
}

}  // namespace prism::sheet
