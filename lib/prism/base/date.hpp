#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

/// `2026-11-21T10:15:00Z`
PRISM_API std::string format_utc(std::chrono::system_clock::time_point time);

/// The time in a text as format_utc writes it, or nothing.
PRISM_API std::optional<std::chrono::system_clock::time_point> parse_utc(std::string_view text);

/// A moment as people write it: a date, `T` or a blank, hours and minutes, seconds with at most six
/// decimals if they matter, and a zone, `Z` or `+01:00`; without one it is UTC. It becomes
/// `2026-11-21T10:15:00.000000Z`, so that texts are in the order of moments. Nothing for what is
/// none.
PRISM_API std::optional<std::string> parse_moment(std::string_view text);

/// Appends `YYYY-MM-DD`. The year must be 0 to 9999.
PRISM_API void append_iso_date(std::string& out, std::chrono::year_month_day date);

/// Whether the text is a date of the calendar as append_iso_date writes it.
PRISM_API bool is_iso_date(std::string_view text);

/// Reads `21-Mar-01`, `03/21/2001` (month first) and `2001-03-21`; two-digit years 00-49 are 20xx,
/// 50-99 are 19xx. Nothing when the text is no date of the calendar.
PRISM_API std::optional<std::chrono::year_month_day> parse_date(std::string_view text);

/// The date of a day number in Excel's 1900 system (1 is 1900-01-01; 60, the 29 February 1900 that
/// never was, and what lies outside the years 1900-9999 give nothing).
PRISM_API std::optional<std::chrono::year_month_day> date_of_serial(double serial);

}  // namespace prism
