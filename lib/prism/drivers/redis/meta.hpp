#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <prism/cache/sink.hpp>
#include <prism/drivers/redis/reply.hpp>

namespace prism::redis {

/// The hash rlc:cache:meta: generation, started, finished, watermark; keys and members of each
/// family (`facts_keys`, `facts_members`, …). While a rebuild is under way, or after one that died:
/// `unfinished_facts`, … with the time it began; `rebuilding` with its token and `beat`, a number
/// that grows every second for as long as it lives.
using Fields = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kOwnerField = "rebuilding";
inline constexpr std::string_view kBeatField = "beat";

/// Reads the answer to HGETALL; nothing where there is no hash.
PRISM_API std::optional<cache::Meta> read_meta(const Reply& reply);

PRISM_API Fields fields_of(const cache::Meta& meta);
std::string unfinished_field(cache::Family family);

}  // namespace prism::redis
