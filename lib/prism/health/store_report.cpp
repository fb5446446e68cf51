#include <array>

#include <fmt/format.h>

#include <prism/health/store_report.hpp>

namespace prism::health {
namespace {

void warn(StoreReport& report, std::string problem) {
  report.state = State::warning;
  report.problems.push_back(std::move(problem));
}

/// A run that is not complete: failed, going on right now, or cut off.
void judge_run(StoreReport& report, const std::optional<store::Run>& run) {
  if (!run || run->state == store::RunState::complete) return;
  if (run->state == store::RunState::failed) {
    warn(report, fmt::format("{} failed in stage {}: {}", run->command, store::last_stage(*run),
                             run->summary));
  } else if (!report.store.lock_owner.empty()) {
    report.problems.push_back(fmt::format("{} is going on, in stage {}", run->command, run->stage));
  } else {
    warn(report, fmt::format("{} was cut off in stage {}; run it again to finish it", run->command,
                             run->stage));
  }
}

void judge_cache(StoreReport& report) {
  if (report.cache_location.empty()) return;
  if (!report.cache) {
    if (report.store.facts > 0) warn(report, "the cache was never built; see rebuild-cache");
    return;
  }
  report.cache_behind = report.cache->watermark != report.store.watermark;
  if (report.cache_behind) warn(report, "the cache is behind the store; see rebuild-cache");
}

}  // namespace

std::string_view state_name(State state) {
  static constexpr std::array<std::string_view, 4> kNames{"ok", "warning", "critical", "unknown"};
  return kNames[static_cast<std::size_t>(state)];
}

StoreReport report(store::FactStore& store, const std::string& cache_location,
                   cache::CacheSink* sink, const uid::Limits& limits) {
  StoreReport report;
  report.schema = store.schema();
  report.store = store.info();
  report.ranges = store.uids().ranges(limits);
  report.seed = store.history().latest("seed");
  report.cache_location = cache_location;
  if (sink != nullptr) report.cache = sink->meta();
  judge_run(report, report.seed);
  judge_run(report, store.history().latest("rebuild-cache"));
  judge_cache(report);
  return report;
}

}  // namespace prism::health
