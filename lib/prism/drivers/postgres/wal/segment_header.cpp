#include <bit>
#include <cstring>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/wal/names.hpp>
#include <prism/drivers/postgres/wal/segment_header.hpp>

namespace prism::postgres {
namespace {

template <typename Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

struct Header {
  explicit Header(std::string_view bytes)
      : magic(number_at<std::uint16_t>(bytes, 0)),
        info(number_at<std::uint16_t>(bytes, 2)),
        timeline(number_at<std::uint32_t>(bytes, 4)),
        address(number_at<std::uint64_t>(bytes, 8)),
        system(number_at<std::uint64_t>(bytes, 24)),
        segment_bytes(number_at<std::uint32_t>(bytes, 32)) {}

  std::uint16_t magic, info;
  std::uint32_t timeline;
  std::uint64_t address, system;
  std::uint32_t segment_bytes;
};

/// XLOG_PAGE_MAGIC grows with the versions: 0xD106 is that of 13, 0xD118 that of 18.
bool is_known(const Header& header) {
  constexpr std::uint16_t kLongHeader = 2;
  return (header.magic & 0xFF00U) == 0xD100U && (header.info & kLongHeader) != 0 &&
         std::has_single_bit(header.segment_bytes) && header.segment_bytes >= (1U << 20) &&
         header.segment_bytes <= (1U << 30);
}

[[noreturn]] void refuse(const std::string& where, const std::string& words) {
  throw Error(ErrorCode::bad_data, where + ": " + words);
}

}  // namespace

void require_segment(std::string_view begin, std::uint64_t bytes, const std::string& system_id,
                     const std::string& name, const std::string& where) {
  if (begin.size() < kSegmentHeaderBytes) refuse(where, "too short for a WAL segment");
  const Header header(begin);
  if (!is_known(header)) refuse(where, "no WAL segment of PostgreSQL: its first page is none");
  if (std::to_string(header.system) != system_id) {
    refuse(where, fmt::format("WAL of another cluster: its system identifier is {}, expected {}",
                              header.system, system_id));
  }
  if (bytes != header.segment_bytes) {
    refuse(where,
           fmt::format("{} bytes, expected {} as its header says", bytes, header.segment_bytes));
  }
  const auto named = parse_segment_name(std::string_view(name).substr(0, name.find('.')));
  const SegmentName found = segment_at(header.timeline, header.address, header.segment_bytes);
  if (named && header.address % header.segment_bytes == 0 && found.high == named->high &&
      found.low == named->low && header.timeline <= named->timeline) {
    return;
  }
  refuse(where, fmt::format("it is the segment {}, not {}", found.text(), name));
}

std::string system_id_of_control(std::string_view begin, const std::string& where) {
  constexpr std::size_t kNeeded = 12;
  if (begin.size() < kNeeded) refuse(where, "too short for a pg_control");
  const auto version = number_at<std::uint32_t>(begin, 8);
  // PG_CONTROL_VERSION: 942 is that of 9.6, 1800 that of 18.
  if (version < 900 || version > 9999) refuse(where, "no pg_control of a version that is known");
  return std::to_string(number_at<std::uint64_t>(begin, 0));
}

}  // namespace prism::postgres
