#pragma once

#include <cstdint>
#include <cstring>
#include <string>

#include <prism/drivers/postgres/wal/names.hpp>

namespace prism::test {

constexpr std::uint64_t kWalSystem = 7'300'000'000'000'000'001;
constexpr std::uint64_t kWalMiB = std::uint64_t{1} << 20;

/// A segment as the server writes one, as far as its first page tells; what follows is like nothing
/// else of another `state`.
inline std::string wal_segment(const std::string& name, std::uint64_t bytes = kWalMiB,
                               std::uint64_t system = kWalSystem, unsigned state = 1) {
  std::string content(bytes, '\0');
  for (std::size_t i = 40; i < bytes; i += 7) {
    state = state * 1'103'515'245 + 12'345;
    content[i] = static_cast<char>(state >> 24);
  }
  const auto put = [&](std::size_t offset, auto number) {
    std::memcpy(content.data() + offset, &number, sizeof number);
  };
  const auto segment = postgres::parse_segment_name(name.substr(0, name.find('.'))).value();
  put(0, std::uint16_t{0xD110});
  put(2, std::uint16_t{2});
  put(4, segment.timeline);
  put(8, segment.number(bytes) * bytes);
  put(24, system);
  put(32, static_cast<std::uint32_t>(bytes));
  put(36, std::uint32_t{8192});
  return content;
}

/// What a pg_control of 15 begins with.
inline std::string wal_control(std::uint64_t system = kWalSystem) {
  std::string content(8192, '\0');
  const std::uint32_t version = 1300;
  std::memcpy(content.data(), &system, sizeof system);
  std::memcpy(content.data() + sizeof system, &version, sizeof version);
  return content;
}

}  // namespace prism::test
