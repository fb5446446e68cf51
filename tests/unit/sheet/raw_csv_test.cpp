#include <doctest/doctest.h>

#include <prism/sheet/raw_csv.hpp>

#include "unit/sheet/fixed_rows.hpp"

namespace prism::sheet::test {
namespace {

std::string raw(std::vector<FixedRows::Line> lines) {
  FixedRows rows(std::move(lines));
  RawCsv csv;
  std::string out;
  Row row;
  while (rows.next(row)) csv.append(out, row);
  return out;
}

}  // namespace

TEST_CASE("sheet: raw CSV begins at A1 and keeps the places of all cells") {
  CHECK(raw({}).empty());
  CHECK(raw({{0, {text_cell(0, "a"), number_cell(2, 2.5)}}}) == "a,,2.5\n");
  CHECK(raw({{2, {text_cell(1, "b")}}, {4, {number_cell(0, 1)}}}) == "\n\n,b\n\n1\n");
}

TEST_CASE("sheet: raw CSV quotes what needs it, whatever the type") {
  CHECK(raw({{0, {text_cell(0, "a,b"), text_cell(1, "say \"it\""), text_cell(2, "x\r\ny")}}}) ==
        "\"a,b\",\"say \"\"it\"\"\",\"x\r\ny\"\n");
  CHECK(raw({{0, {{0, CellType::error, 0, "#A,B"}, {1, CellType::date, 1.5, {}}}}}) ==
        "\"#A,B\",1900-01-01 12:00:00\n");
}

}  // namespace prism::sheet::test
