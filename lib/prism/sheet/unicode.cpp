#include <cstring>

#include <prism/sheet/unicode.hpp>

namespace prism::sheet {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

bool high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

bool ascii8(const unsigned char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

/// Writes at most 4 bytes and returns how many.
std::size_t encode(char* to, std::uint32_t code) {
  const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (code < 0x80) {
    to[0] = static_cast<char>(code);
    return 1;
  }
  if (code < 0x800) {
    to[0] = static_cast<char>(0xC0 | code >> 6);
    to[1] = tail(code);
    return 2;
  }
  if (code < 0x10000) {
    to[0] = static_cast<char>(0xE0 | code >> 12);
    to[1] = tail(code >> 6);
    to[2] = tail(code);
    return 3;
  }
  to[0] = static_cast<char>(0xF0 | code >> 18);
  to[1] = tail(code >> 12);
  to[2] = tail(code >> 6);
  to[3] = tail(code);
  return 4;
}

}  // namespace

void append_code_point(TextBuffer& out, std::uint32_t code) {
  const bool valid = code < 0x110000 && !high_surrogate(code) && !low_surrogate(code);
  out.add_size(encode(out.room_for(4), valid ? code : kReplacement));
}

void append_latin1(TextBuffer& out, Bytes text) {
  const unsigned char* from = text.data();
  const unsigned char* const end = from + text.size();
  char* const begin = out.room_for(2 * text.size());
  char* to = begin;
  while (end - from >= 8 && ascii8(from)) {
    std::memcpy(to, from, 8);
    from += 8;
    to += 8;
  }
  for (; from != end; ++from) to += encode(to, *from);
  out.add_size(static_cast<std::size_t>(to - begin));
}

void Utf16Appender::append(std::uint16_t unit) {
  if (high_ != 0 && low_surrogate(unit)) {
    const std::uint32_t code = 0x10000 + ((high_ - 0xD800U) << 10) + (unit - 0xDC00U);
    high_ = 0;
    append_code_point(out_, code);
    return;
  }
  finish();
  if (high_surrogate(unit)) {
    high_ = unit;
  } else {
    append_code_point(out_, unit);
  }
}

void Utf16Appender::append(Bytes text) {
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) append(read_u16(text, i));
}

void Utf16Appender::append_big_endian(Bytes text) {
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    append(static_cast<std::uint16_t>(text[i] << 8 | text[i + 1]));
  }
}

void Utf16Appender::finish() {
  if (high_ == 0) return;
  high_ = 0;
  append_code_point(out_, kReplacement);
}

}  // namespace prism::sheet
