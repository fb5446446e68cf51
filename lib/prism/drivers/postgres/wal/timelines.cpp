#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/physical/replication.hpp>
#include <prism/drivers/postgres/wal/timelines.hpp>

namespace prism::postgres {
namespace {

/// `1<tab>0/3000148<tab>no recovery target specified`. Nothing for a line without any.
std::optional<TimelineEnd> entry_of(std::string_view line, const std::string& where) {
  line = trimmed(line);
  if (line.empty() || line.front() == '#') return {};
  TimelineEnd entry;
  const auto number = std::from_chars(line.data(), line.data() + line.size(), entry.timeline);
  const std::string_view rest =
      trimmed(line.substr(static_cast<std::size_t>(number.ptr - line.data())));
  const auto lsn = parse_lsn(rest.substr(0, rest.find_first_of(" \t")));
  if (number.ec != std::errc() || !lsn) {
    throw Error(ErrorCode::bad_data,
                where + ": no line of a timeline's history: " + in_quotes(line));
  }
  entry.end = *lsn;
  return entry;
}

}  // namespace

std::vector<TimelineEnd> parse_history(std::string_view text, const std::string& where) {
  std::vector<TimelineEnd> entries;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    if (const auto entry = entry_of(text.substr(0, end + 1), where)) entries.push_back(*entry);
    text.remove_prefix(end + 1);
  }
  return entries;
}

StreamStart first_lacking(const std::vector<std::string>& names,
                          const std::vector<TimelineEnd>& history, std::uint32_t current,
                          std::uint64_t segment_bytes) {
  std::map<std::uint32_t, std::uint64_t> last;  // number of the last segment, by timeline
  for (const std::string& name : names) {
    const auto segment = parse_segment_name(name);
    if (!segment) continue;
    auto& number = last[segment->timeline];
    number = std::max(number, segment->number(segment_bytes));
  }
  if (last.contains(current)) return {current, (last.at(current) + 1) * segment_bytes};
  for (auto way = history.rbegin(); way != history.rend(); ++way) {
    if (!last.contains(way->timeline)) continue;
    std::uint64_t number = last.at(way->timeline) + 1;
    // The segment in which a timeline ends is had from the next one, which has a copy of it.
    for (auto at = way.base() - 1;; ++at) {
      if (at == history.end()) return {current, number * segment_bytes};
      if (number < at->end / segment_bytes) return {at->timeline, number * segment_bytes};
      number = at->end / segment_bytes;
    }
  }
  return {};
}

}  // namespace prism::postgres
