#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/cache/sink.hpp>

namespace prism::redis {

inline constexpr std::string_view kMetaKey = "rlc:cache:meta";
/// What SCAN is asked for; parse_key tells what it found.
inline constexpr std::string_view kPattern = "rlc:entity:*";
inline constexpr unsigned kSlots = 16384;

struct Key {
  cache::Family family;
  Uid entity;
};

/// `rlc:entity:<uid>:facts`, written to `buffer`.
PRISM_API std::string_view write_key(std::string& buffer, cache::Family family, Uid entity);

/// The key that write_key wrote; nothing for any other.
PRISM_API std::optional<Key> parse_key(std::string_view text);

/// The slot of a key without braces in a Redis Cluster.
PRISM_API std::uint16_t slot_of(std::string_view key);

}  // namespace prism::redis
