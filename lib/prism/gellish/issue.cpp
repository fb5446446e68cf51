#include <prism/base/text.hpp>
#include <prism/gellish/issue.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::gellish {

std::string describe(const Issue& issue) {
  std::string out = issue.source.file + ": ";
  if (!issue.source.sheet.empty()) out += "sheet " + in_quotes(issue.source.sheet) + ", ";
  out += "cell " + sheet::cell_name(issue.row - 1, issue.position) + " (column " +
         std::to_string(issue.column) + "): " + issue.reason;
  if (!issue.value.empty()) out += ": " + in_quotes(issue.value);
  return out;
}

}  // namespace prism::gellish
