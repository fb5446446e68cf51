#include <charconv>
#include <chrono>
#include <cstddef>

#include <prism/sheet/iso_date.hpp>

namespace prism::sheet {
namespace {

/// Takes exactly `digits` digits off the front.
std::optional<unsigned> take_digits(std::string_view& text, std::size_t digits) {
  unsigned value = 0;
  if (text.size() < digits) return std::nullopt;
  const char* const end = text.data() + digits;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

/// Serial numbers count the 29 February 1900, which never was.
std::optional<double> take_date(std::string_view& text) {
  using namespace std::chrono;
  const auto y = take_digits(text, 4);
  if (!y || !take(text, '-')) return std::nullopt;
  const auto m = take_digits(text, 2);
  if (!m || !take(text, '-')) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d) return std::nullopt;
  const year_month_day date{year(static_cast<int>(*y)), month(*m), day(*d)};
  if (!date.ok()) return std::nullopt;
  const auto serial = (sys_days(date) - sys_days(year(1899) / 12 / 30)).count();
  constexpr long kFirstOfMarch1900 = 61;
  return static_cast<double>(serial < kFirstOfMarch1900 ? serial - 1 : serial);
}

/// The fraction of a second, with its leading point, if there is one.
std::optional<double> take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return 0.0;
  double value = 0;
  const auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return value;
}

/// A time of day as a fraction of it; the seconds may be missing.
std::optional<double> take_time(std::string_view& text) {
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 24 || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  double seconds = 0;
  if (take(text, ':')) {
    const auto whole = take_digits(text, 2);
    if (!whole || *whole > 60) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    seconds = *whole + *fraction;
  }
  take(text, 'Z');
  return (*hours * 3600.0 + *minutes * 60.0 + seconds) / 86400.0;
}

}  // namespace

std::optional<IsoDate> parse_iso_date(std::string_view text) {
  std::string_view rest = text;
  if (const auto time = take_time(rest); time && rest.empty())
    return IsoDate{*time, CellType::time};
  rest = text;
  const auto date = take_date(rest);
  if (!date) return std::nullopt;
  if (rest.empty()) return IsoDate{*date, CellType::date};
  if (!take(rest, 'T')) return std::nullopt;
  const auto time = take_time(rest);
  if (!time || !rest.empty()) return std::nullopt;
  return IsoDate{*date + *time, CellType::date_time};
}

}  // namespace prism::sheet
