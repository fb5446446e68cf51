#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/hex.hpp>
#include <prism/blocks/binary.hpp>

namespace prism::blocks {
void append_number(std::string& out, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

void append_varint(std::string& out, std::uint64_t number) {
  for (; number > 0x7F; number >>= 7U) out += static_cast<char>((number & 0x7FU) | 0x80U);
  out += static_cast<char>(number);
}

void append_hex(std::string& out, std::string_view hex) {
  const auto bytes = from_hexadecimal(hex);
  if (!bytes) throw Error(ErrorCode::internal, "no hexadecimal digits");
  out += *bytes;
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
