#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <prism/drivers/redis/rdb_input.hpp>

namespace prism::redis {

// Lengths and strings of the RDB format (redis/src/rdb.h). The two high bits of the first byte say
// how a length is kept: 00 in the six others, 01 in 14 bits, 0x80 and 0x81 in 32 and 64 bits
// that follow in big-endian order; 11: no length, but a number or LZF in place of a string.

/// Throws Error(bad_data) for what stands for a string.
std::uint64_t read_length(RdbInput& input);

void skip_string(RdbInput& input);

/// Skips it where it is longer than `limit`, which is nothing.
std::optional<std::string> read_string(RdbInput& input, std::uint64_t limit);

}  // namespace prism::redis
