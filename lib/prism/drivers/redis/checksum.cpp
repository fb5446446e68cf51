#include <array>
#include <bit>
#include <cstring>

#include <prism/drivers/redis/checksum.hpp>

namespace prism::redis {
namespace {

constexpr std::uint64_t kJones = 0x95ac9329ac4bc9b5;  ///< with its bits in reverse order

using Table64 = std::array<std::array<std::uint64_t, 256>, 8>;

/// Table k advances a byte that k further bytes follow ("slicing by 8").
constexpr Table64 make_table64() {
  Table64 table{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ kJones : crc >> 1;
    table[0][byte] = crc;
  }
  for (std::size_t k = 1; k < table.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint64_t before = table[k - 1][byte];
      table[k][byte] = table[0][before & 0xff] ^ (before >> 8);
    }
  }
  return table;
}

constexpr std::array<std::uint16_t, 256> make_table16() {
  std::array<std::uint16_t, 256> table{};
  for (unsigned byte = 0; byte < 256; ++byte) {
    unsigned crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

constexpr Table64 kTable64 = make_table64();
constexpr auto kTable16 = make_table16();

static_assert(std::endian::native == std::endian::little);

}  // namespace

std::uint64_t crc64(std::string_view bytes, std::uint64_t before) {
  std::uint64_t crc = before;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    word ^= crc;
    crc = 0;
    for (std::size_t i = 0; i < 8; ++i) crc ^= kTable64[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; left > 0; --left, ++at) {
    crc = kTable64[0][(crc ^ static_cast<unsigned char>(*at)) & 0xff] ^ (crc >> 8);
  }
  return crc;
}

std::uint16_t crc16(std::string_view bytes) {
  std::uint16_t crc = 0;
  for (const char byte : bytes) {
    const unsigned index = ((crc >> 8) ^ static_cast<unsigned char>(byte)) & 0xff;
    crc = static_cast<std::uint16_t>((crc << 8) ^ kTable16[index]);
  }
  return crc;
}

}  // namespace prism::redis
