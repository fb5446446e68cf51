#include <prism/base/text.hpp>
#include <prism/sheet/cell_text.hpp>
#include <prism/sheet/raw_csv.hpp>

namespace prism::sheet {

void RawCsv::append(std::string& out, const Row& row) {
  out.append(row.index - next_row_, '\n');
  next_row_ = row.index + 1;
  std::uint32_t column = 0;
  for (const Cell& cell : row.cells) {
    out.append(cell.column - column, ',');
    column = cell.column;
    if (cell.type == CellType::text || cell.type == CellType::error) {
      append_csv_field(out, cell.text);
    } else {
      append_cell_text(out, cell);  // holds nothing that would need quotes
    }
  }
  out += '\n';
}

}  // namespace prism::sheet
