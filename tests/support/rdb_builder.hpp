#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <prism/drivers/redis/checksum.hpp>

namespace prism::test {

template <typename Number>
std::string raw(Number number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

/// A length of an RDB in 6 bits.
inline std::string small_length(std::size_t length) { return {static_cast<char>(length)}; }

/// A short string of an RDB.
inline std::string rdb_string(std::string_view text) {
  return small_length(text.size()) + std::string(text);
}

/// A key and its value, which begins behind the type.
inline std::string rdb_key(std::uint8_t type, std::string_view name, const std::string& value) {
  return static_cast<char>(type) + rdb_string(name) + value;
}

/// With beginning, end and checksum.
inline std::string rdb_of(const std::string& parts, const std::string& magic = "REDIS0010") {
  const std::string rdb = magic + parts + '\xff';
  return rdb + raw(redis::crc64(rdb));
}

/// The same with a checksum that is right again.
inline std::string mended_rdb(std::string rdb) {
  const std::size_t size = rdb.size() - 8;
  return rdb.replace(size, 8, raw(redis::crc64(std::string_view(rdb).substr(0, size))));
}

}  // namespace prism::test
