#include <array>
#include <charconv>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/json_text.hpp>

namespace prism::neo4j {
namespace {

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

/// How JSON writes what stands for itself nowhere; 0: by its number.
char short_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

char unescaped(char c) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  const auto at = kNames.find(c);
  return at == std::string_view::npos ? '\0' : kMeant[at];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_plain(text[i])) continue;
    out.append(text, begin, i - begin);
    begin = i + 1;
    if (const char escape = short_escape(text[i])) {
      out.append({'\\', escape});
    } else {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(text[i]));
    }
  }
  out.append(text, begin);
  out.push_back('"');
}

void append_json_integer(std::string& out, std::int64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void JsonLine::fail(const std::string& what) const {
  throw Error(ErrorCode::bad_data, fmt::format("line {}, byte {}: {}", number_, at_ + 1, what));
}

void JsonLine::fail_expected(std::string_view expected) const {
  const std::string_view found = text_.substr(std::min(at_, text_.size()), 40);
  fail(
      fmt::format("found {}, expected {}", found.empty() ? "the end" : in_quotes(found), expected));
}

bool JsonLine::take(std::string_view text) {
  if (!text_.substr(at_).starts_with(text)) return false;
  at_ += text.size();
  return true;
}

void JsonLine::expect(std::string_view text) {
  if (!take(text)) fail_expected(text);
}

void JsonLine::expect_end() {
  if (at_ != text_.size()) fail_expected("the end of the line");
}

std::string_view JsonLine::string() {
  if (!take("\"")) fail_expected("a string");
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
  if (peek() == '"') return text_.substr(begin, at_++ - begin);
  unescaped_.assign(text_, begin, at_ - begin);
  while (!take("\"")) {
    if (take("\\")) {
      unescape();
      continue;
    }
    const std::size_t plain = at_;
    while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
    if (at_ == plain) fail_expected("the rest of a string");
    unescaped_.append(text_, plain, at_ - plain);
  }
  return unescaped_;
}

void JsonLine::unescape() {
  if (const char meant = unescaped(peek())) {
    ++at_;
    unescaped_.push_back(meant);
    return;
  }
  expect("u");
  std::uint32_t code = hexadecimal();
  if (code >= 0xD800 && code < 0xDC00) {
    expect("\\u");
    const std::uint32_t low = hexadecimal();
    if (low < 0xDC00 || low > 0xDFFF) fail("half a character (surrogate)");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  } else if (code >= 0xDC00 && code <= 0xDFFF) {
    fail("half a character (surrogate)");
  }
  append_code_point(code);
}

std::uint32_t JsonLine::hexadecimal() {
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t code = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, code, 16);
  if (digits.size() != 4 || error != std::errc() || stop != end) {
    fail_expected("four hexadecimal digits");
  }
  at_ += 4;
  return code;
}

/// RFC 3629.
void JsonLine::append_code_point(std::uint32_t code) {
  const auto byte = [this](std::uint32_t bits) { unescaped_.push_back(static_cast<char>(bits)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      byte(0xE0 | (code >> 12));
    } else {
      byte(0xF0 | (code >> 18));
      byte(0x80 | ((code >> 12) & 0x3F));
    }
    byte(0x80 | ((code >> 6) & 0x3F));
  }
  byte(0x80 | (code & 0x3F));
}

std::string_view JsonLine::number() {
  constexpr std::string_view kCharacters = "+-.0123456789eE";
  const std::size_t begin = at_;
  while (at_ < text_.size() && kCharacters.find(text_[at_]) != std::string_view::npos) ++at_;
  if (at_ == begin) fail_expected("a number");
  return text_.substr(begin, at_ - begin);
}

std::int64_t JsonLine::integer() {
  const std::string_view digits = number();
  std::int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) fail("no integer of 64 bits: " + in_quotes(digits));
  return value;
}

std::int64_t JsonLine::count() {
  const std::int64_t value = integer();
  if (value < 0) fail("a number below 0");
  return value;
}

bool JsonLine::boolean() {
  if (take("true")) return true;
  if (!take("false")) fail_expected("true or false");
  return false;
}

}  // namespace prism::neo4j
