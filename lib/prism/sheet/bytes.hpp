#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include <prism/sheet/damage.hpp>

namespace prism::sheet {

using Bytes = std::span<const unsigned char>;

/// Throws Damage unless `data` holds `count` bytes from `offset` on.
inline void require(Bytes data, std::size_t offset, std::size_t count) {
  if (offset > data.size() || data.size() - offset < count) {
    throw_too_short(data.size(), offset + count);
  }
}

/// What follows the first `offset` bytes.
inline Bytes rest_of(Bytes data, std::size_t offset) {
  require(data, offset, 0);
  return data.subspan(offset);
}

/// Little-endian numbers, as [MS-CFB] and [MS-XLS] store them, on a machine of any byte order.
inline std::uint8_t read_u8(Bytes data, std::size_t offset) {
  require(data, offset, 1);
  return data[offset];
}

inline std::uint16_t read_u16(Bytes data, std::size_t offset) {
  require(data, offset, 2);
  const unsigned char* p = data.data() + offset;
  return static_cast<std::uint16_t>(p[0] | p[1] << 8);
}

inline std::uint32_t read_u32(Bytes data, std::size_t offset) {
  require(data, offset, 4);
  const unsigned char* p = data.data() + offset;
  return p[0] | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 | std::uint32_t{p[3]} << 24;
}

inline std::uint64_t read_u64(Bytes data, std::size_t offset) {
  require(data, offset, 8);
  return read_u32(data, offset) | std::uint64_t{read_u32(data, offset + 4)} << 32;
}

inline double read_f64(Bytes data, std::size_t offset) {
  return std::bit_cast<double>(read_u64(data, offset));
}

}  // namespace prism::sheet
