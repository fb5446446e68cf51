#include "sheet_support.hpp"

#include <fstream>

#include <prism/base/text.hpp>

#include "support/paths.hpp"

namespace prism::sheet::test {
namespace {

void append_value(std::string& line, const Cell& cell) {
  switch (cell.type) {
    case CellType::text:
      line += '"' + std::string(cell.text) + '"';
      return;
    case CellType::boolean:
      line += cell.number != 0 ? "TRUE" : "FALSE";
      return;
    case CellType::error:
      line += cell.text;
      return;
    case CellType::number:
      break;
    case CellType::date:
      line += "date ";
      break;
    case CellType::date_time:
      line += "date-time ";
      break;
    case CellType::time:
      line += "time ";
      break;
    case CellType::duration:
      line += "duration ";
      break;
  }
  append_number(line, cell.number);
}

std::string line_of(const Row& row) {
  std::string line = std::to_string(row.index + 1) + ":";
  for (const Cell& cell : row.cells) {
    const std::string name = cell_name(row.index, cell.column);
    line += " " + name.substr(0, name.find_first_of("0123456789")) + "=";
    append_value(line, cell);
  }
  return line;
}

}  // namespace

TemporaryFile::TemporaryFile(std::string_view name, std::string_view content)
    : folder_(std::filesystem::temp_directory_path(), "prism-sheet-"),
      path_(folder_.path() / name) {
  std::ofstream out(path_, std::ios::binary);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  REQUIRE(out.flush());
}

std::filesystem::path fixture(std::string_view name) {
  return prism::test::test_data() / "sheet" / name;
}

std::vector<std::string> lines_of(RowReader& rows) {
  std::vector<std::string> lines;
  Row row;
  while (rows.next(row)) lines.push_back(line_of(row));
  return lines;
}

std::vector<std::string> lines_of(const std::filesystem::path& file, std::size_t sheet) {
  const auto workbook = open_workbook(file);
  const auto rows = workbook->rows(sheet);
  return lines_of(*rows);
}

std::size_t count_cells(const std::filesystem::path& file) {
  const auto workbook = open_workbook(file);
  std::size_t count = 0;
  for (std::size_t i = 0; i < workbook->sheets().size(); ++i) {
    if (!workbook->sheets()[i].worksheet) continue;
    const auto rows = workbook->rows(i);
    Row row;
    while (rows->next(row)) count += row.cells.size();
  }
  return count;
}

}  // namespace prism::sheet::test
