#include <charconv>

#include <fmt/format.h>

#include <prism/drivers/postgres/wal/names.hpp>

namespace prism::postgres {
namespace {

constexpr std::size_t kDigits = 8;
constexpr std::size_t kSegmentDigits = 3 * kDigits;

/// The server writes capitals.
bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

std::uint32_t value_of(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

std::uint64_t segments_in_4_gib(std::uint64_t segment_bytes) {
  return (std::uint64_t{1} << 32) / segment_bytes;
}

}  // namespace

std::string SegmentName::text() const {
  return fmt::format("{:08X}{:08X}{:08X}", timeline, high, low);
}

std::uint64_t SegmentName::number(std::uint64_t segment_bytes) const {
  return high * segments_in_4_gib(segment_bytes) + low;
}

std::optional<SegmentName> parse_segment_name(std::string_view text) {
  if (text.size() != kSegmentDigits || !is_hex(text)) return {};
  return SegmentName{value_of(text.substr(0, kDigits)), value_of(text.substr(kDigits, kDigits)),
                     value_of(text.substr(2 * kDigits))};
}

SegmentName segment_of(std::uint32_t timeline, std::uint64_t number, std::uint64_t segment_bytes) {
  const std::uint64_t each = segments_in_4_gib(segment_bytes);
  return {timeline, static_cast<std::uint32_t>(number / each),
          static_cast<std::uint32_t>(number % each)};
}

SegmentName segment_at(std::uint32_t timeline, std::uint64_t lsn, std::uint64_t segment_bytes) {
  return segment_of(timeline, lsn / segment_bytes, segment_bytes);
}

std::optional<WalFile> kind_of_wal_file(std::string_view name) {
  if (parse_segment_name(name)) return WalFile::segment;
  const std::size_t dot = name.find('.');
  const std::string_view begin = name.substr(0, dot);
  const std::string_view rest = dot == std::string_view::npos ? "" : name.substr(dot);
  if (begin.size() == kDigits && is_hex(begin) && rest == ".history") return WalFile::history;
  if (!parse_segment_name(begin)) return {};
  if (rest == ".partial") return WalFile::partial;
  const bool label = rest.size() == 1 + kDigits + 7 && rest.ends_with(".backup") &&
                     is_hex(rest.substr(1, kDigits));
  return label ? std::optional(WalFile::backup_label) : std::nullopt;
}

}  // namespace prism::postgres
