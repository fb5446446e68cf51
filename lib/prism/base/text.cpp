#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include <prism/base/text.hpp>

namespace prism {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

/// The white space at the start of `text`, in bytes: 0, 1 or 2.
std::size_t leading_space(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')) return 1;
  return text.starts_with(kNoBreakSpace) ? 2 : 0;
}

std::size_t trailing_space(std::string_view text) {
  if (text.empty()) return 0;
  if (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r')) return 1;
  return text.ends_with(kNoBreakSpace) ? 2 : 0;
}

bool continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/// The length of the well-formed sequence at the start of `s`, or 0 (RFC 3629 section 4).
std::size_t utf8_sequence(const unsigned char* s, std::size_t left) {
  const unsigned char lead = s[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (left < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!continuation(s[i])) return 0;
  }
  if (lead == 0xE0 && s[1] < 0xA0) return 0;
  if (lead == 0xED && s[1] > 0x9F) return 0;
  if (lead == 0xF0 && s[1] < 0x90) return 0;
  if (lead == 0xF4 && s[1] > 0x8F) return 0;
  return length;
}

/// Whether a control character begins there, one of ASCII or of U+0080 to U+009F.
bool control(const unsigned char* s, std::size_t left) {
  return s[0] < 0x20 || s[0] == 0x7F || (s[0] == 0xC2 && left > 1 && s[1] < 0xA0);
}

bool ascii8(const unsigned char* s) {
  std::uint64_t word;
  std::memcpy(&word, s, sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (const std::size_t n = leading_space(text)) text.remove_prefix(n);
  while (const std::size_t n = trailing_space(text)) text.remove_suffix(n);
  return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::size_t find_invalid_utf8(std::string_view text) {
  const auto* s = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t i = 0;
  while (i < text.size()) {
    while (i + 8 <= text.size() && ascii8(s + i)) i += 8;
    if (i == text.size()) break;
    const std::size_t length = utf8_sequence(s + i, text.size() - i);
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

void append_number(std::string& out, double number) {
  constexpr double kExactIntegers = 9007199254740992.0;  // 2^53
  std::array<char, 32> buffer;
  const bool integral = std::floor(number) == number && std::fabs(number) <= kExactIntegers;
  const auto end =
      integral ? std::to_chars(buffer.begin(), buffer.end(), static_cast<long long>(number)).ptr
               : std::to_chars(buffer.begin(), buffer.end(), number).ptr;
  out.append(buffer.data(), end);
}

std::string with_separators(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string format_seconds(double seconds) {
  if (seconds < 60) return fmt::format("{:.{}f} s", seconds, seconds < 10 ? 2 : 1);
  const auto whole = static_cast<long>(seconds + 0.5);
  return fmt::format("{} min {} s", whole / 60, whole % 60);
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; size >= 999.95 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string in_quotes(std::string_view value) {
  constexpr std::size_t kMost = 60;
  const auto* const s = reinterpret_cast<const unsigned char*>(value.data());
  std::string out = "'";
  std::size_t i = 0;
  while (i < value.size()) {
    const bool hidden = control(s + i, value.size() - i);
    const std::size_t length = hidden ? 0 : utf8_sequence(s + i, value.size() - i);
    if (i + std::max<std::size_t>(length, 1) > kMost) break;
    if (length == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", s[i++]);
    } else {
      out += value.substr(i, length);
      i += length;
    }
  }
  if (i < value.size()) out += "…";
  return out + "'";
}

namespace {

/// By byte: a table, because every character of every CSV file that is written is looked up.
constexpr std::array<bool, 256> kNeedsQuotes = [] {
  std::array<bool, 256> needs{};
  for (const unsigned char c : {',', '"', '\r', '\n'}) needs[c] = true;
  return needs;
}();

bool needs_quotes(char c) { return kNeedsQuotes[static_cast<unsigned char>(c)]; }

}  // namespace

void append_csv_field(std::string& out, std::string_view field) {
  if (std::none_of(field.begin(), field.end(), needs_quotes)) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace prism
