#include <fstream>
#include <string>

#include <prism/sheet/csv.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::sheet {
namespace {

constexpr std::size_t kLongest = std::size_t{16} << 20;

/// The text of a row: its length differs from row to row, every seventh has a line break.
std::string value_of(std::uint32_t row) {
  std::string value(20 + row * 2654435761U % 200, static_cast<char>('a' + row % 26));
  if (row % 7 == 0) value += "\nnext \"line\"";
  return value + std::to_string(row);
}

void append_row(std::string& out, std::uint32_t row) {
  out += std::to_string(row) + ",";
  if (row % 7 != 0) {
    out += value_of(row) + "\n";
    return;
  }
  out += '"';
  for (const char c : value_of(row)) out += c == '"' ? "\"\"" : std::string(1, c);
  out += "\"\n";
}

/// The second field of this row, behind a header.
std::string second_row_of(const test::Folder& folder, const std::string& line) {
  const auto workbook = open_csv(folder.write("long.csv", "1,2\n" + line));
  const auto rows = workbook->rows(0);
  Row row;
  const bool two = rows->next(row) && rows->next(row);
  REQUIRE(two);
  REQUIRE(row.cells.size() == 2);
  return std::string(row.cells[1].text);
}

}  // namespace

TEST_CASE("sheet: csv: a file of many blocks is read without a fault where they meet") {
  const test::Folder folder;
  std::string content = "1,2\n";
  std::uint32_t last = 0;
  while (content.size() < 4 * 1024 * 1024) append_row(content, ++last);
  const auto workbook = open_csv(folder.write("large.csv", content));
  const auto rows = workbook->rows(0);
  Row row;
  REQUIRE(rows->next(row));
  std::uint32_t wrong = 0, met = 0;
  while (rows->next(row)) {
    ++met;
    const bool right = row.index == met && row.cells.size() == 2 &&
                       row.cells[0].text == std::to_string(met) &&
                       row.cells[1].text == value_of(met);
    wrong += right ? 0 : 1;
  }
  CHECK(met == last);
  CHECK(wrong == 0);
}

TEST_CASE("sheet: csv: a line may be nearly 16 MiB long") {
  const test::Folder folder;
  const std::string value(kLongest - 1000, 'x');
  CHECK(second_row_of(folder, "a," + value + "\n") == value);
}

TEST_CASE("sheet: csv: a line that is longer is refused with its row") {
  const test::Folder folder;
  const auto thrown = test::thrown_by(
      [&] { second_row_of(folder, "a," + std::string(kLongest + 1000, 'x') + "\n"); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.says("long.csv: row 2 (line 2): "));
  CHECK(thrown.says("a line is longer than 16 MiB"));
}

TEST_CASE("sheet: csv: a row of more fields than any sheet has is refused") {
  const test::Folder folder;
  const auto thrown =
      test::thrown_by([&] { second_row_of(folder, std::string(1'048'576, ',') + "\n"); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.says("long.csv: row 2 (line 2): more than 1,048,576 fields"));
}

TEST_CASE("sheet: csv: a quote that is never closed ends before it takes all memory") {
  const test::Folder folder;
  std::string line = "a,\"";
  while (line.size() < kLongest + 1000) line += std::string(1000, 'x') + "\n";
  const auto thrown = test::thrown_by([&] { second_row_of(folder, line); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.says("long.csv: row 2 "));
  CHECK(thrown.says("a quoted field is longer than 16 MiB"));
}

}  // namespace prism::sheet
