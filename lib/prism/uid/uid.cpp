#include <prism/base/text.hpp>
#include <prism/uid/uid.hpp>

namespace prism {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes `.0`, `.00` … off the end.
std::string_view without_zero_fraction(std::string_view text) {
  const auto point = text.find('.');
  if (point == std::string_view::npos || point + 1 == text.size()) return text;
  const bool zero = text.find_first_not_of('0', point + 1) == std::string_view::npos;
  return zero ? text.substr(0, point) : text;
}

/// Whether the commas stand before every third digit from the end, after one to three digits.
bool well_separated(std::string_view text) {
  const auto first = text.find(',');
  if (first == std::string_view::npos) return true;
  if (first < 1 || first > 3) return false;
  for (std::size_t at = first; at < text.size(); at += 4) {
    if (text[at] != ',' || text.size() - at < 4) return false;
    for (std::size_t i = at + 1; i < at + 4; ++i) {
      if (!is_digit(text[i])) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Uid> parse_uid(std::string_view text) {
  text = without_zero_fraction(trimmed(text));
  if (text.empty() || !well_separated(text)) return std::nullopt;
  Uid value = 0;
  for (const char c : text) {
    if (c == ',') continue;
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > kGreatestUid) return std::nullopt;
  }
  if (value == 0) return std::nullopt;
  return value;
}

}  // namespace prism
