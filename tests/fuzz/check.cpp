#include "check.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include <prism/base/text.hpp>
#include <prism/sheet/cell_text.hpp>
#include <prism/sheet/raw_csv.hpp>

namespace prism::sheet::fuzz {
namespace {

bool is_utf8(std::string_view text) { return find_invalid_utf8(text) == std::string_view::npos; }

void check_message(std::string_view message) {
  require_that(!message.empty(), "a refusal says nothing");
  require_that(is_utf8(message), "the message of a refusal is not UTF-8");
  require_that(message.size() < 1000, "the message of a refusal is endless");
}

void check_cell(const Cell& cell) {
  const bool holds_text = cell.type == CellType::text || cell.type == CellType::error;
  require_that(holds_text != cell.text.empty(), "a cell's text does not fit its type");
  require_that(is_utf8(cell.text), "a cell's text is not UTF-8");
  require_that(std::isfinite(cell.number), "a cell's number is not finite");
  if (cell.type == CellType::boolean) {
    require_that(cell.number == 0 || cell.number == 1, "a boolean is neither 0 nor 1");
  }
  if (!holds_text) check_number_text(cell.number);
}

void check_cells(const Row& row) {
  require_that(!row.cells.empty(), "a row has no cells");
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    check_cell(row.cells[i]);
    require_that(i == 0 || row.cells[i - 1].column < row.cells[i].column, "columns do not rise");
  }
}

ReadRows read_sheet(Workbook& workbook, std::size_t sheet, RowOrder order) {
  ReadRows read;
  accepted([&] { read = read_rows(*workbook.rows(sheet, order)); });
  return read;
}

}  // namespace

void require_that(bool holds, std::string_view otherwise) {
  if (holds) return;
  std::fprintf(stderr, "BROKEN PROMISE: %.*s\n", static_cast<int>(otherwise.size()),
               otherwise.data());
  std::abort();
}

void check_refusal(const Error& refusal) {
  require_that(refusal.code() == ErrorCode::bad_data, "a refusal is not Error(bad_data)");
  check_message(refusal.what());
}

void check_refusal(const Damage& refusal) { check_message(refusal.what()); }

void check_number_text(double number) {
  std::string text;
  append_cell_text(text, {0, CellType::number, number, {}});
  double back = 0;
  const char* const end = text.data() + text.size();
  require_that(std::from_chars(text.data(), end, back).ptr == end && back == number,
               "a number's text does not read back");
}

ReadRows read_rows(RowReader& rows) {
  ReadRows read;
  RawCsv csv;
  std::string line;
  Row row;
  std::uint64_t least = 0;
  const auto read_all = [&] {
    while (rows.next(row)) {
      require_that(row.index >= least, "rows do not rise");
      least = std::uint64_t{row.index} + 1;
      check_cells(row);
      line.clear();
      csv.append(line, row);
      read.rows.push_back(std::hash<std::string>()(line));
    }
    require_that(!rows.next(row), "a row comes after the last one");
    read.end = ReadRows::End::complete;
  };
  accepted([&] {
    try {
      read_all();
    } catch (const RowsOutOfOrder&) {
      read.end = ReadRows::End::out_of_order;
      throw;
    }
  });
  return read;
}

void check_same(const ReadRows& streamed, const ReadRows& sorted) {
  switch (streamed.end) {
    case ReadRows::End::complete:
      require_that(sorted.end == ReadRows::End::complete && sorted.rows == streamed.rows,
                   "sorted rows differ from streamed ones");
      return;
    case ReadRows::End::refused:
      require_that(sorted.end == ReadRows::End::refused, "what is refused streamed is not sorted");
      return;
    case ReadRows::End::out_of_order:
      return;
  }
}

void read_workbook(Workbook& workbook) {
  constexpr std::size_t kMost = 3;
  std::size_t count = 0;
  for (std::size_t i = 0; i < workbook.sheets().size() && count < kMost; ++i) {
    const SheetInfo& sheet = workbook.sheets()[i];
    require_that(is_utf8(sheet.name), "a sheet's name is not UTF-8");
    if (!sheet.worksheet) continue;
    const ReadRows streamed = read_sheet(workbook, i, RowOrder::streamed);
    if (count++ == 0) check_same(streamed, read_sheet(workbook, i, RowOrder::sorted));
  }
}

}  // namespace prism::sheet::fuzz
