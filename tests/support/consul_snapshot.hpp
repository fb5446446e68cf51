#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prism/base/sha256.hpp>

#include "support/tar.hpp"

// Snapshots of Consul, made by hand.

namespace prism::test {

/// Values of MessagePack as Consul's encoder writes them.
namespace msgpack {

inline std::string big_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i));
  return text;
}

inline std::string text(std::string_view value) {
  if (value.size() < 32) return static_cast<char>(0xA0 | value.size()) + std::string(value);
  return '\xDA' + big_endian(value.size(), 2) + std::string(value);
}

inline std::string number(std::uint64_t value) { return '\xCF' + big_endian(value, 8); }

using Fields = std::vector<std::pair<std::string, std::string>>;

inline std::string map(const Fields& fields) {
  std::string value = '\xDE' + big_endian(fields.size(), 2);
  for (const auto& [name, field] : fields) value += text(name) + field;
  return value;
}

}  // namespace msgpack

/// What state.bin begins with.
inline std::string consul_header() { return msgpack::map({{"LastIndex", msgpack::number(7)}}); }

inline std::string consul_record(std::uint8_t type, const std::string& value) {
  return static_cast<char>(type) + value;
}

inline std::string consul_kv(const std::string& key, const std::string& value,
                             std::uint64_t flags = 0) {
  return consul_record(2, msgpack::map({{"Key", msgpack::text(key)},
                                        {"Flags", msgpack::number(flags)},
                                        {"ModifyIndex", msgpack::number(9)},
                                        {"Value", msgpack::text(value)}}));
}

inline std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320U : 0);
  }
  return ~crc;
}

/// A gzip file of stored blocks (RFC 1951 section 3.2.4).
inline std::string gzip_of(std::string_view bytes) {
  const auto little = [](std::uint64_t number, int size) {
    std::string text = msgpack::big_endian(number, size);
    std::reverse(text.begin(), text.end());
    return text;
  };
  std::string gzip("\x1F\x8B\x08\0\0\0\0\0\0\xFF", 10);
  std::string_view left = bytes;
  do {
    const std::string_view block = left.substr(0, 0xFFFF);
    left.remove_prefix(block.size());
    gzip += static_cast<char>(left.empty() ? 1 : 0);
    gzip += little(block.size(), 2) + little(block.size() ^ 0xFFFF, 2) + std::string(block);
  } while (!left.empty());
  return gzip + little(crc32_of(bytes), 4) + little(bytes.size(), 4);
}

inline constexpr const char* kConsulMeta = R"({"Version":1,"Index":7,"Term":2})";

/// SHA256SUMS of the files.
inline std::string sums_of(const NamedTexts& files) {
  std::string sums;
  for (const auto& [name, content] : files) sums += sha256_hex(content) + "  " + name + "\n";
  return sums;
}

inline std::string consul_snapshot(const std::string& state) {
  NamedTexts files{{"meta.json", kConsulMeta}, {"state.bin", state}};
  files.emplace_back("SHA256SUMS", sums_of(files));
  return gzip_of(tar_of(files));
}

}  // namespace prism::test
