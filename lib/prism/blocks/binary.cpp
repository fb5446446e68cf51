#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/blocks/binary.hpp>

namespace prism::blocks {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  throw Error(ErrorCode::internal, "no hexadecimal digits");
}

}  // namespace

void append_number(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

void append_varint(std::string& out, std::uint64_t number) {
  for (; number > 0x7F; number >>= 7U) out += static_cast<char>((number & 0x7FU) | 0x80U);
  out += static_cast<char>(number);
}

void append_hex(std::string& out, std::string_view hex) {
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(digit_of(hex[i]) * 16 + digit_of(hex[i + 1]));
  }
}

std::string hex_of(std::string_view bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 0xFU];
  }
  return hex;
}

void BinaryReader::fail(const char* why) const {
  throw Error(ErrorCode::bad_data, fmt::format("{}: {}", what_, why));
}

std::string_view BinaryReader::take(std::size_t bytes) {
  if (bytes > rest_.size()) fail("it ends too early");
  const std::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

std::uint64_t BinaryReader::number(std::size_t bytes) {
  std::uint64_t number = 0;
  const std::string_view taken = take(bytes);
  for (std::size_t i = bytes; i-- > 0;)
    number = number << 8U | static_cast<unsigned char>(taken[i]);
  return number;
}

std::uint64_t BinaryReader::varint() {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(take(1)[0]);
    number |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return number;
  }
  fail("a number is too long");
}

}  // namespace prism::blocks
