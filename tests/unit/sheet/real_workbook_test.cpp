#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "sheet_support.hpp"
#include "support/paths.hpp"

namespace prism::sheet::test {
namespace {

struct Totals {
  std::size_t rows = 0;
  std::uint32_t columns = 0;
  std::map<CellType, std::size_t> cells;
  std::size_t text_bytes = 0;
  double sum = 0;
  std::vector<std::string> errors;
  std::map<std::uint32_t, std::size_t> dates;  ///< by column
};

Totals totals_of(Workbook& book) {
  Totals totals;
  const auto rows = book.rows(0);
  Row row;
  while (rows->next(row)) {
    ++totals.rows;
    for (const Cell& cell : row.cells) {
      totals.columns = std::max(totals.columns, cell.column + 1);
      ++totals.cells[cell.type];
      if (cell.type == CellType::text) totals.text_bytes += cell.text.size();
      if (cell.type == CellType::date) ++totals.dates[cell.column];
      if (cell.type == CellType::error) {
        totals.errors.push_back(cell_name(row.index, cell.column) + " " + std::string(cell.text));
      } else {
        totals.sum += cell.number;
      }
    }
  }
  return totals;
}

/// The column whose ID, in row 2, is that number.
std::uint32_t column_of_id(Workbook& book, double id) {
  const auto rows = book.rows(0);
  Row row;
  while (rows->next(row) && row.index < 1) {
  }
  for (const Cell& cell : row.cells) {
    if (cell.number == id) return cell.column;
  }
  FAIL("no column has the ID ", id);
  return 0;
}

}  // namespace

/// The totals were taken once with xlrd 2.0.
TEST_CASE("sheet: the real seed workbook, cell for cell") {
  const auto file = prism::test::shared_data() / "000_TOPini.xls";
  if (!std::filesystem::exists(file)) {
    const char* ci = std::getenv("CI");
    REQUIRE_MESSAGE(!(ci != nullptr && std::string_view(ci) == "true"), file.string(),
                    " is not there");
    MESSAGE("skipped: ", file.string(), " is not there");
    return;
  }
  const auto book = open_workbook(file);
  REQUIRE(book->sheets().size() == 2);
  CHECK(book->sheets()[0].name == "Upper ontology");
  Totals totals = totals_of(*book);
  CHECK(totals.rows == 5266);
  CHECK(totals.columns == 32);
  CHECK(totals.cells[CellType::text] == 56330);
  CHECK(totals.cells[CellType::number] == 42142);
  CHECK(totals.cells[CellType::date] == 10527);
  CHECK(totals.cells[CellType::error] == 1);
  CHECK(totals.cells.size() == 4);
  CHECK(totals.text_bytes == 1530758);
  CHECK(std::abs(totals.sum - 13123007123.6) < 0.001);
  CHECK(totals.dates[column_of_id(*book, 9)] == 5263);
  CHECK(totals.dates[column_of_id(*book, 10)] == 5263);
  CHECK(totals.errors ==
        std::vector<std::string>{cell_name(4675, column_of_id(*book, 4)) + " #REF!"});
  CHECK(lines_of(*book->rows(1)).empty());
}

}  // namespace prism::sheet::test
