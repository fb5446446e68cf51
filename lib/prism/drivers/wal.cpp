#include <algorithm>
#include <chrono>
#include <map>

#include <prism/blocks/packs.hpp>
#include <prism/drivers/postgres/physical/replication.hpp>
#include <prism/drivers/postgres/wal/archive.hpp>
#include <prism/drivers/wal.hpp>

namespace prism::drivers {
namespace {

using postgres::SegmentName;

/// The runs of a cluster's WAL that join on to `begin`, the timelines in their order: a later one
/// begins in the segment in which the one before it ends, or earlier.
std::optional<SegmentName> last_behind(const std::vector<postgres::WalRun>& runs,
                                       const SegmentName& begin, std::uint64_t segment_bytes) {
  std::optional<SegmentName> last;
  for (const auto& run : runs) {
    if (run.first.timeline < begin.timeline) continue;
    const SegmentName& from = last ? *last : begin;
    const auto wanted = from.number(segment_bytes) + (last ? 1 : 0);
    const bool joins = run.first.number(segment_bytes) <= wanted &&
                       run.last.number(segment_bytes) >= from.number(segment_bytes);
    if (joins) last = run.last;
  }
  return last;
}

/// The first segment that is needed of each cluster.
std::map<std::string, SegmentName> first_needed(const std::vector<const backup::Backup*>& kept) {
  std::map<std::string, SegmentName> first;
  for (const backup::Backup* const backup : kept) {
    if (!backup->manifest) continue;
    for (const auto& target : backup->manifest->targets) {
      const auto& physical = target.content.physical;
      if (!physical) continue;
      const auto name = postgres::parse_segment_name(physical->first_segment);
      if (!name) continue;
      const auto [found, is_new] = first.try_emplace(physical->system, *name);
      const auto number = [&](const SegmentName& one) {
        return one.number(physical->segment_bytes);
      };
      if (!is_new && number(*name) < number(found->second)) found->second = *name;
    }
  }
  return first;
}

std::set<std::string> packs_of(const std::vector<const backup::Backup*>& kept) {
  std::set<std::string> packs;
  for (const backup::Backup* const backup : kept) {
    if (!backup->manifest) continue;
    for (const auto& target : backup->manifest->targets) {
      if (!target.content.physical) continue;
      for (const auto& pack : target.content.physical->packs) packs.insert(pack.id);
    }
  }
  return packs;
}

bool is_damaged(const backup::Backup* backup) { return backup->state == backup::State::damaged; }

/// Also where nobody holds a lock for it: that was taken for dead if its host stood still, or if a
/// clock is wrong. Its blocks, and what it shares of others', are in no manifest yet.
bool may_be_under_way(const backup::Backup* backup) {
  constexpr std::chrono::hours kDay{24};
  return backup->state == backup::State::partial &&
         (backup->under_way || backup->time + kDay > std::chrono::system_clock::now());
}

}  // namespace

bool is_lsn(const std::string& text) { return postgres::parse_lsn(text).has_value(); }

bool is_before(const std::string& a, const std::string& b) {
  return postgres::parse_lsn(a) < postgres::parse_lsn(b);
}

WalReach wal_reach(repository::Repository& repository, const backup::Physical& physical,
                   const Cancel& cancel) {
  postgres::WalArchive archive(repository, physical.system, {}, cancel);
  const auto summary = postgres::summarize_wal(archive.list(), physical.segment_bytes);
  const auto begin = postgres::parse_segment_name(physical.last_segment);
  if (!begin) return {};
  const auto last = last_behind(summary.runs, *begin, physical.segment_bytes);
  if (!last) return {};
  const auto end = (last->number(physical.segment_bytes) + 1) * physical.segment_bytes;
  WalReach reach{last->text(), postgres::lsn_text(end), {}};
  if (!summary.runs.empty() && summary.runs.back().last != *last && !summary.gaps.empty()) {
    reach.gap = summary.gaps.back();
  }
  return reach;
}

Unneeded remove_unneeded(repository::Repository& repository,
                         const std::vector<const backup::Backup*>& kept, bool dry_run,
                         const Cancel& cancel) {
  if (std::any_of(kept.begin(), kept.end(), is_damaged)) return {};
  Unneeded removed;
  for (const auto& [system, first] : first_needed(kept)) {
    const auto wal = postgres::remove_wal_before(repository, system, first, dry_run, cancel);
    removed.wal_files += wal.files;
    removed.bytes += wal.bytes;
  }
  if (std::any_of(kept.begin(), kept.end(), may_be_under_way)) return removed;
  const auto swept = blocks::remove_unneeded_packs(repository, packs_of(kept), dry_run, cancel);
  removed.packs = swept.packs;
  removed.bytes += swept.bytes;
  return removed;
}

}  // namespace prism::drivers
