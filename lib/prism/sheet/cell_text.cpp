#include <cmath>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include <prism/base/date.hpp>
#include <prism/base/text.hpp>
#include <prism/sheet/cell_text.hpp>

namespace prism::sheet {
namespace {

constexpr std::int64_t kSecondsOfDay = 86400;
constexpr std::int64_t kAfterYear9999 = 2958466;  // days
constexpr std::int64_t kNoDay = 60;

void append_clock(std::string& out, std::int64_t seconds) {
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60,
                 seconds % 60);
}

void append_day(std::string& out, std::int64_t day) {
  if (const auto date = date_of_serial(static_cast<double>(day))) {
    append_iso_date(out, *date);
  } else {
    out += day == kNoDay ? "1900-02-29" : "1899-12-31";
  }
}

/// `number` is at least 0 and a day of the calendar, or near to its end.
void append_date(std::string& out, const Cell& cell) {
  // Rounded to seconds first, so that 23:59:59.7 becomes midnight of the next day.
  const auto seconds = std::llround(cell.number * static_cast<double>(kSecondsOfDay));
  if (seconds >= kAfterYear9999 * kSecondsOfDay) return append_number(out, cell.number);
  const std::int64_t day = seconds / kSecondsOfDay;
  const std::int64_t clock = seconds % kSecondsOfDay;
  if (cell.type == CellType::time && cell.number < 1) return append_clock(out, clock);
  append_day(out, day);
  if (cell.type == CellType::date && clock == 0) return;
  out += ' ';
  append_clock(out, clock);
}

void append_duration(std::string& out, double days) {
  const auto seconds = std::llround(days * static_cast<double>(kSecondsOfDay));
  if (seconds < 0) out += '-';
  append_clock(out, std::llabs(seconds));
}

}  // namespace

void append_cell_text(std::string& out, const Cell& cell) {
  constexpr double kMostDays = static_cast<double>(kAfterYear9999);
  switch (cell.type) {
    case CellType::text:
    case CellType::error:
      out += cell.text;
      return;
    case CellType::boolean:
      out += cell.number != 0 ? "TRUE" : "FALSE";
      return;
    case CellType::number:
      return append_number(out, cell.number);
    case CellType::date:
    case CellType::date_time:
    case CellType::time:
      if (cell.number >= 0 && cell.number < kMostDays) return append_date(out, cell);
      return append_number(out, cell.number);
    case CellType::duration:
      if (std::fabs(cell.number) < kMostDays) return append_duration(out, cell.number);
      return append_number(out, cell.number);
  }
}

}  // namespace prism::sheet
