#include <algorithm>

#include <prism/drivers/redis/lzf.hpp>
#include <prism/drivers/redis/rdb_string.hpp>

namespace prism::redis {
namespace {

constexpr std::uint8_t kIn6Bits = 0, kIn14Bits = 1, kEncoded = 3;
constexpr std::uint8_t kIn32Bits = 0x80, kIn64Bits = 0x81;
/// Of an encoded string.
constexpr std::uint8_t kInt8 = 0, kInt16 = 1, kInt32 = 2, kLzf = 3;

/// LZF makes at most 264 bytes of three.
constexpr std::uint64_t kMostExpansion = 88;

std::uint64_t rest_of_length(RdbInput& input, std::uint8_t first) {
  if (first >> 6 == kIn6Bits) return first;
  if (first >> 6 == kIn14Bits) return (first & 0x3fU) << 8 | input.byte();
  if (first == kIn32Bits) return __builtin_bswap32(input.number<std::uint32_t>());
  if (first == kIn64Bits) return __builtin_bswap64(input.number<std::uint64_t>());
  input.refuse("a length was expected, found the byte " + std::to_string(first));
}

struct Packed {
  std::uint64_t size, expanded;
};

Packed read_packed(RdbInput& input) {
  Packed packed{read_length(input), 0};
  packed.expanded = read_length(input);
  if (packed.expanded / kMostExpansion > packed.size) {
    input.refuse("a compressed string is said to be longer than it can be");
  }
  return packed;
}

/// Grows with what is there, whatever its length is said to be.
std::string read_bytes(RdbInput& input, std::uint64_t size) {
  constexpr std::uint64_t kPiece = 1U << 20;
  std::string bytes;
  while (bytes.size() < size) {
    const std::size_t before = bytes.size();
    bytes.resize(before + static_cast<std::size_t>(std::min(size - before, kPiece)));
    input.fill({bytes.data() + before, bytes.size() - before});
  }
  return bytes;
}

std::optional<std::string> read_lzf(RdbInput& input, std::uint64_t limit) {
  const Packed packed = read_packed(input);
  if (packed.expanded > limit || packed.size > limit) {
    input.skip(packed.size);
    return {};
  }
  auto text = lzf_expanded(read_bytes(input, packed.size), packed.expanded);
  if (!text) input.refuse("a compressed string is damaged");
  return text;
}

[[noreturn]] void refuse_encoding(RdbInput& input, std::uint8_t encoding) {
  input.refuse("no string is encoded as " + std::to_string(encoding));
}

std::optional<std::string> read_encoded(RdbInput& input, std::uint8_t encoding,
                                        std::uint64_t limit) {
  switch (encoding) {
    case kInt8:
      return std::to_string(input.number<std::int8_t>());
    case kInt16:
      return std::to_string(input.number<std::int16_t>());
    case kInt32:
      return std::to_string(input.number<std::int32_t>());
    case kLzf:
      return read_lzf(input, limit);
    default:
      refuse_encoding(input, encoding);
  }
}

void skip_encoded(RdbInput& input, std::uint8_t encoding) {
  if (encoding == kLzf) return input.skip(read_packed(input).size);
  if (encoding > kLzf) refuse_encoding(input, encoding);
  input.skip(std::uint64_t{1} << encoding);  // 1, 2 or 4 bytes
}

}  // namespace

std::uint64_t read_length(RdbInput& input) { return rest_of_length(input, input.byte()); }

void skip_string(RdbInput& input) {
  const std::uint8_t first = input.byte();
  if (first >> 6 == kEncoded) return skip_encoded(input, first & 0x3f);
  input.skip(rest_of_length(input, first));
}

std::optional<std::string> read_string(RdbInput& input, std::uint64_t limit) {
  const std::uint8_t first = input.byte();
  if (first >> 6 == kEncoded) return read_encoded(input, first & 0x3f, limit);
  const std::uint64_t size = rest_of_length(input, first);
  if (size <= limit) return read_bytes(input, size);
  input.skip(size);
  return {};
}

}  // namespace prism::redis
