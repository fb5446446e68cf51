#pragma once

#include <optional>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/sheet/workbook.hpp>

namespace prism::sheet {

/// A point in time as days of the 1900 date system, and what the text held: date, date_time or
/// time.
struct IsoDate {
  double days;
  CellType type;
};

/// Reads what cells of type `d` hold ([ECMA-376] part 1, section 18.18.11): `2001-03-21`,
/// `2001-03-21T10:15:30.5Z` or `10:15:30`. Nothing when the text is none of these.
PRISM_API std::optional<IsoDate> parse_iso_date(std::string_view text);

}  // namespace prism::sheet
