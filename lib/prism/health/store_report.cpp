#include <algorithm>

#include <fmt/format.h>

#include <prism/cache/builder.hpp>
#include <prism/health/store_report.hpp>

namespace prism::health {
namespace {

void add_problem(StoreReport& report, State state, std::string problem) {
  report.state = std::max(report.state, state);
  report.problems.push_back(std::move(problem));
}

void warn(StoreReport& report, std::string problem) {
  add_problem(report, State::warning, std::move(problem));
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

/// Only until the store is seeded again.
void judge_reset(StoreReport& report, const std::optional<store::Run>& reset) {
  if (reset && (!report.seed || reset->id > report.seed->id)) judge_run(report, reset);
}

void judge_load(StoreReport& report) {
  if (report.store.unfinished_load.empty() || !report.store.lock_owner.empty()) return;
  warn(report, fmt::format("a load, begun {}, is stored in part; run the same again to finish it, "
                           "or take it out with import --abort",
                           report.store.unfinished_load));
}

/// A rebuild that is going on has been told of already.
void judge_unfinished(StoreReport& report) {
  if (report.cache->unfinished.empty() || !report.store.lock_owner.empty()) return;
  warn(report, fmt::format("a rebuild of the cache, begun {}, did not come to its end; see "
                           "rebuild-cache",
                           report.cache->unfinished));
}

void judge_cache(StoreReport& report) {
  if (report.cache_location.empty()) return;
  if (!report.cache_trouble.empty()) {
    add_problem(report, State::critical, "the cache: " + report.cache_trouble);
    return;
  }
  if (!report.cache) {
    if (report.store.facts > 0) warn(report, "the cache was never built; see rebuild-cache");
    return;
  }
  judge_unfinished(report);
  if (report.cache->generation == 0) return;
  report.cache_behind = report.cache->watermark != report.store.watermark;
  if (report.cache_behind) warn(report, "the cache is behind the store; see rebuild-cache");
}

}  // namespace

bool is_trouble(const Error& error) {
  switch (error.code()) {
    case ErrorCode::unavailable:
    case ErrorCode::permission:
    case ErrorCode::io:
    case ErrorCode::bad_data:
    case ErrorCode::internal:
      return true;
    default:
      return false;
  }
}

namespace {

void look_at_cache(StoreReport& report, cache::CacheSink& sink) {
  try {
    report.cache = sink.meta();
  } catch (const Error& e) {
    if (!is_trouble(e)) throw;
    report.cache_trouble = e.what();
  }
}

}  // namespace

StoreReport report(store::FactStore& store, const CacheView& cache, const uid::Limits& limits) {
  StoreReport report;
  report.schema = store.schema();
  report.store = store.info();
  report.ranges = store.uids().ranges(limits);
  report.seed = store.history().latest("seed");
  report.rebuild = store.history().latest("rebuild-cache");
  report.cache_location = cache.location;
  report.cache_trouble = cache.trouble;
  if (cache.sink != nullptr) look_at_cache(report, *cache.sink);
  judge_load(report);
  judge_run(report, report.seed);
  judge_run(report, report.rebuild);
  judge_reset(report, store.history().latest("reset"));
  judge_cache(report);
  return report;
}

void compare_sample(StoreReport& report, store::FactStore& store, cache::CacheSink& sink,
                    const Cancel& cancel) {
  const bool finished = report.cache && report.cache->generation > 0 &&
                        report.cache->unfinished.empty() && report.store.lock_owner.empty();
  if (!finished || report.cache_behind) return;
  constexpr std::size_t kKeys = 100;
  // What a rebuild warns of was told by the rebuild.
  Log quiet({.level = LogLevel::off});
  NoProgress progress;
  cache::SampleSink sampled(sink, kKeys);
  try {
    const auto reader = store.read_facts();
    cache::rebuild(*reader, sampled, {}, {quiet, cancel, progress});
  } catch (const Error& e) {
    if (!is_trouble(e)) throw;
    return warn(report, std::string("the cache could not be compared with the store: ") + e.what());
  }
  report.sample = sampled.sample();
  if (report.sample->differing == 0) return;
  warn(report, fmt::format("{} of {} keys of the cache differ from what the store says; see "
                           "rebuild-cache",
                           report.sample->differing, report.sample->compared));
}

}  // namespace prism::health
