#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include <prism/base/date.hpp>
#include <prism/base/text.hpp>

namespace prism {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

std::optional<year_month_day> valid(int y, unsigned m, unsigned d) {
  const year_month_day date{year{y}, month{m}, day{d}};
  if (!date.ok()) return std::nullopt;
  return date;
}

/// A number of `least` to `most` digits and nothing else.
std::optional<int> digits(std::string_view text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<int> year_of(std::string_view text) {
  if (text.size() == 4) return digits(text, 4, 4);
  const auto two = digits(text, 2, 2);
  if (!two) return std::nullopt;
  return *two + (*two < 50 ? 2000 : 1900);
}

std::optional<int> month_of(std::string_view name) {
  static constexpr std::array kNames{"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (equals_ignoring_case(name, kNames[i])) return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

std::optional<year_month_day> combine(std::optional<int> y, std::optional<int> m,
                                      std::optional<int> d) {
  if (!y || !m || !d) return std::nullopt;
  return valid(*y, static_cast<unsigned>(*m), static_cast<unsigned>(*d));
}

struct Parts {
  std::string_view first, second, third;
};

std::optional<Parts> split(std::string_view text, char separator) {
  const auto one = text.find(separator);
  if (one == std::string_view::npos) return std::nullopt;
  const auto two = text.find(separator, one + 1);
  if (two == std::string_view::npos) return std::nullopt;
  return Parts{text.substr(0, one), text.substr(one + 1, two - one - 1), text.substr(two + 1)};
}

/// Of a zone as parse_moment takes it; empty is UTC.
std::optional<std::chrono::minutes> ahead_of_utc(std::string_view zone) {
  if (zone.empty() || zone == "Z") return std::chrono::minutes(0);
  const std::string_view number = zone.substr(1);
  const bool has_colon = number.size() == 5 && number[2] == ':';
  if (number.size() != 2 && number.size() != 4 && !has_colon) return std::nullopt;
  const auto h = digits(number.substr(0, 2), 2, 2);
  const auto m = number.size() == 2 ? 0 : digits(number.substr(number.size() - 2), 2, 2);
  if (zone.front() == 'Z' || !h || !m || *h > 15 || *m > 59) return std::nullopt;
  return (zone.front() == '-' ? -1 : 1) * std::chrono::minutes(*h * 60 + *m);
}

}  // namespace

std::string format_utc(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto days = std::chrono::floor<std::chrono::days>(seconds);
  const year_month_day date{days};
  const std::chrono::hh_mm_ss clock{seconds - days};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::chrono::system_clock::time_point> parse_utc(std::string_view text) {
  if (text.size() != 20 || text[10] != 'T' || text[19] != 'Z') return std::nullopt;
  const auto clock = split(text.substr(11, 8), ':');
  if (!is_iso_date(text.substr(0, 10)) || !clock) return std::nullopt;
  const auto h = digits(clock->first, 2, 2);
  const auto m = digits(clock->second, 2, 2);
  const auto s = digits(clock->third, 2, 2);
  if (!h || !m || !s || *h > 23 || *m > 59 || *s > 59) return std::nullopt;
  // The clock counts nanoseconds in 64 bits: it knows no years beyond.
  const auto date = *parse_date(text.substr(0, 10));
  if (date.year() < std::chrono::year(1678) || date.year() > std::chrono::year(2261)) return {};
  return sys_days(date) + std::chrono::hours(*h) + std::chrono::minutes(*m) +
         std::chrono::seconds(*s);
}

std::optional<std::string> parse_moment(std::string_view text) {
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ')) return std::nullopt;
  const std::string_view time = text.substr(11);
  const auto zone = std::min(time.find_first_of("Z+-"), time.size());
  const std::string_view clock = time.substr(0, zone);
  const auto dot = std::min(clock.find('.'), clock.size());
  const std::string_view decimals = dot < clock.size() ? clock.substr(dot + 1) : "0";
  const auto ahead = ahead_of_utc(time.substr(zone));
  const auto local = parse_utc(fmt::format("{}T{}{}Z", text.substr(0, 10), clock.substr(0, dot),
                                           clock.size() == 5 ? ":00" : ""));
  if (!ahead || !local || !digits(decimals, 1, 6)) return std::nullopt;
  std::string utc = format_utc(*local - *ahead);
  utc.insert(utc.size() - 1, fmt::format(".{:0<6}", decimals));
  return utc;
}

void append_iso_date(std::string& out, year_month_day date) {
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

bool is_iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  return combine(digits(text.substr(0, 4), 4, 4), digits(text.substr(5, 2), 2, 2),
                 digits(text.substr(8, 2), 2, 2))
      .has_value();
}

std::optional<year_month_day> parse_date(std::string_view text) {
  if (const auto slashed = split(text, '/')) {
    return combine(year_of(slashed->third), digits(slashed->first, 1, 2),
                   digits(slashed->second, 1, 2));
  }
  const auto dashed = split(text, '-');
  if (!dashed) return std::nullopt;
  if (dashed->first.size() == 4) {
    return combine(digits(dashed->first, 4, 4), digits(dashed->second, 2, 2),
                   digits(dashed->third, 2, 2));
  }
  return combine(year_of(dashed->third), month_of(dashed->second), digits(dashed->first, 1, 2));
}

std::optional<year_month_day> date_of_serial(double serial) {
  constexpr double kAfterYear9999 = 2958466;
  if (!(serial >= 1 && serial < kAfterYear9999)) return std::nullopt;
  const int days = static_cast<int>(std::floor(serial));
  if (days == 60) return std::nullopt;
  const int since = days < 60 ? days : days - 1;
  return year_month_day{sys_days{year{1899} / 12 / 31} + std::chrono::days{since}};
}

}  // namespace prism
