#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/sheet/choose_sheet.hpp>

namespace prism::sheet {
namespace {

constexpr std::string_view kHint = "--sheet NAME|N chooses one, convert --list-sheets lists them";

std::size_t first_visible(const Workbook& workbook, const std::string& file) {
  const auto sheets = workbook.sheets();
  const auto found = std::find_if(sheets.begin(), sheets.end(), [](const SheetInfo& sheet) {
    return sheet.worksheet && sheet.visibility == Visibility::visible;
  });
  if (found != sheets.end()) return static_cast<std::size_t>(found - sheets.begin());
  throw Error(ErrorCode::bad_data,
              fmt::format("{}: no visible worksheet among its {} sheets", file, sheets.size()),
              std::string(kHint));
}

/// The place of the sheet that is named or numbered so, or the number of sheets.
std::size_t find_sheet(std::span<const SheetInfo> sheets, std::string_view wanted) {
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    if (sheets[i].name == wanted) return i;
  }
  std::size_t number = 0;
  const char* const end = wanted.data() + wanted.size();
  const auto [stop, error] = std::from_chars(wanted.data(), end, number);
  const bool within = error == std::errc() && stop == end && number <= sheets.size();
  return within && number > 0 ? number - 1 : sheets.size();
}

}  // namespace

std::size_t choose_sheet(const Workbook& workbook, const std::string& file,
                         const std::optional<std::string>& wanted) {
  if (!wanted) return first_visible(workbook, file);
  const auto sheets = workbook.sheets();
  const std::size_t found = find_sheet(sheets, *wanted);
  if (found == sheets.size()) {
    throw Error(
        ErrorCode::input_missing,
        fmt::format("{}: no sheet {} among its {} sheets", file, in_quotes(*wanted), sheets.size()),
        std::string(kHint));
  }
  if (!sheets[found].worksheet) {
    throw Error(
        ErrorCode::bad_data,
        fmt::format("{}: sheet {}: found a chart, macro or dialog sheet, expected a worksheet",
                    file, in_quotes(sheets[found].name)),
        std::string(kHint));
  }
  return found;
}

}  // namespace prism::sheet
