#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/drivers/postgres/wal/names.hpp>

namespace prism::postgres {

/// A timeline that leads to a later one, and where that begins.
struct TimelineEnd {
  std::uint32_t timeline = 0;
  std::uint64_t end = 0;
};

/// What a history file says, from the first timeline on. Throws Error(bad_data) for what is none.
PRISM_API std::vector<TimelineEnd> parse_history(std::string_view text, const std::string& where);

/// Where a stream of WAL begins.
struct StreamStart {
  std::uint32_t timeline = 0;
  std::uint64_t lsn = 0;  ///< the first byte of a segment
};

/// The first segment that an archive with these files lacks on the way to the `current` timeline,
/// to which those of `history` lead: behind the last one of the latest timeline of which it has
/// any. Timeline 0 where it has none of them.
PRISM_API StreamStart first_lacking(const std::vector<std::string>& names,
                                    const std::vector<TimelineEnd>& history, std::uint32_t current,
                                    std::uint64_t segment_bytes);

}  // namespace prism::postgres
