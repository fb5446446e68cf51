#include <algorithm>

#include <fmt/format.h>

#include <prism/drivers/postgres/wal/archive.hpp>

namespace prism::postgres {
namespace {

std::string missing(std::uint32_t timeline, std::uint64_t first, std::uint64_t last,
                    std::uint64_t segment_bytes) {
  const std::string from = segment_of(timeline, first, segment_bytes).text();
  if (first == last) return from + " is missing";
  return fmt::format("{} to {} are missing", from,
                     segment_of(timeline, last, segment_bytes).text());
}

/// Puts segments, in order of their names, together.
class Summary {
 public:
  explicit Summary(std::uint64_t segment_bytes) : bytes_(segment_bytes) {}

  void add(const SegmentName& segment) {
    WalRun* const last = found_.runs.empty() ? nullptr : &found_.runs.back();
    const std::uint64_t number = segment.number(bytes_);
    if (last == nullptr || last->last.timeline != segment.timeline) {
      begin_timeline(segment.timeline, number);
    } else if (number == last->last.number(bytes_) + 1) {
      last->last = segment;
      return note(number);
    } else {
      add_gap(segment.timeline, last->last.number(bytes_) + 1, number - 1);
    }
    found_.runs.push_back({segment, segment});
    note(number);
  }

  WalSummary& found() { return found_; }
  const std::vector<std::uint32_t>& timelines() const { return timelines_; }

 private:
  /// A timeline begins in, or right behind, a segment of one that is lower.
  void begin_timeline(std::uint32_t timeline, std::uint64_t number) {
    if (highest_ && number > *highest_ + 1) add_gap(highest_timeline_, *highest_ + 1, number - 1);
    timelines_.push_back(timeline);
  }

  void note(std::uint64_t number) {
    if (highest_ && number < *highest_) return;
    highest_ = number;
    highest_timeline_ = found_.runs.back().last.timeline;
  }

  void add_gap(std::uint32_t timeline, std::uint64_t first, std::uint64_t last) {
    found_.gaps.push_back(missing(timeline, first, last, bytes_));
  }

  std::uint64_t bytes_;
  WalSummary found_;
  std::vector<std::uint32_t> timelines_;
  std::optional<std::uint64_t> highest_;  ///< of all timelines so far
  std::uint32_t highest_timeline_ = 0;
};

void require_histories(WalSummary& found, const std::vector<std::uint32_t>& timelines) {
  for (const std::uint32_t timeline : timelines) {
    const std::string history = fmt::format("{:08X}.history", timeline);
    const auto& all = found.histories;
    if (timeline > 1 && std::find(all.begin(), all.end(), history) == all.end()) {
      found.gaps.push_back(history + " is missing");
    }
  }
}

}  // namespace

WalSummary summarize_wal(const std::vector<std::string>& names, std::uint64_t segment_bytes) {
  std::vector<std::string> ordered = names;
  std::sort(ordered.begin(), ordered.end());
  Summary summary(segment_bytes);
  for (const std::string& name : ordered) {
    const auto kind = kind_of_wal_file(name);
    if (kind == WalFile::segment) summary.add(*parse_segment_name(name));
    if (kind == WalFile::history) summary.found().histories.push_back(name);
    if (kind == WalFile::partial) summary.found().last_partial = name;
  }
  require_histories(summary.found(), summary.timelines());
  return std::move(summary.found());
}

}  // namespace prism::postgres
