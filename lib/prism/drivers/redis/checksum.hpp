#pragma once

#include <cstdint>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::redis {

/// CRC-64 as RDB files and DUMP payloads end with: polynomial 0xad93d23594c935a9 (Jones),
/// reflected, from 0, not inverted. Of "123456789" it is 0xe9c6d914c4b8d9ca (redis/src/crc64.c).
/// `before` is that of what precedes the bytes.
PRISM_API std::uint64_t crc64(std::string_view bytes, std::uint64_t before = 0);

/// CRC-16/XMODEM, from 0: of "123456789" it is 0x31c3 (Redis Cluster specification, appendix A).
PRISM_API std::uint16_t crc16(std::string_view bytes);

}  // namespace prism::redis
