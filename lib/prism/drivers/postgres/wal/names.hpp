#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::postgres {

/// The name of a WAL segment is three times eight hexadecimal digits: the timeline, and the number
/// of the segment in two parts, the higher in units of 4 GiB (src/include/access/xlog_internal.h).
struct PRISM_API SegmentName {
  std::uint32_t timeline = 0;
  std::uint32_t high = 0, low = 0;

  auto operator<=>(const SegmentName&) const = default;
  std::string text() const;
  /// Counted from the beginning of the WAL; `segment_bytes` is a power of two from 1 MiB to 1 GiB.
  std::uint64_t number(std::uint64_t segment_bytes) const;
};

/// Nothing for what is none.
PRISM_API std::optional<SegmentName> parse_segment_name(std::string_view text);
/// The one of that number.
PRISM_API SegmentName segment_of(std::uint32_t timeline, std::uint64_t number,
                                 std::uint64_t segment_bytes);
/// The one in which the byte at `lsn` lies.
PRISM_API SegmentName segment_at(std::uint32_t timeline, std::uint64_t lsn,
                                 std::uint64_t segment_bytes);

/// What PostgreSQL archives: a segment, `<segment>.partial`, `<segment>.<8 digits>.backup`,
/// `<8 digits>.history`.
enum class WalFile : std::uint8_t { segment, partial, backup_label, history };
/// Nothing for any other name.
PRISM_API std::optional<WalFile> kind_of_wal_file(std::string_view name);

}  // namespace prism::postgres
