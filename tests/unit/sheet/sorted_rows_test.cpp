#include <prism/sheet/sorted_rows.hpp>

#include "sheet_support.hpp"
#include "unit/sheet/fixed_rows.hpp"

namespace prism::sheet::test {
namespace {

std::vector<std::string> sorted(std::vector<FixedRows::Line> lines) {
  SortedRows rows(std::make_unique<FixedRows>(std::move(lines)), "a.xls");
  return lines_of(rows);
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("sheet: rows in any order come out in rising order") {
  CHECK(sorted({{4, {text_cell(0, "e")}}, {1, {text_cell(1, "b")}}, {2, {number_cell(0, 3)}}}) ==
        Lines{"2: B=\"b\"", "3: A=3", "5: A=\"e\""});
  CHECK(sorted({}).empty());
}

TEST_CASE("sheet: a row in several parts becomes one, and of two cells the later one counts") {
  CHECK(sorted({{0, {text_cell(0, "a"), text_cell(2, "old")}},
                {1, {{0, CellType::error, 0, "#N/A"}}},
                {0, {number_cell(1, 7), text_cell(2, "new")}}}) ==
        Lines{"1: A=\"a\" B=7 C=\"new\"", "2: A=#N/A"});
}

}  // namespace prism::sheet::test
