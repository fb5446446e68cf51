#include <prism/base/date.hpp>
#include <prism/health/report_metrics.hpp>

namespace prism::health {
namespace {

double seconds_between(Time from, Time to) {
  return std::chrono::duration<double>(to - from).count();
}

void add_age(Reading& reading, const char* name, const char* words, std::optional<Time> of,
             Time now, Limits limits = {}) {
  if (!of) return;
  reading.metrics.push_back({name, seconds_between(*of, now), "s", limits, false, {}, words});
}

void add_count(Reading& reading, const char* name, double count) {
  reading.metrics.push_back({.name = name, .value = count});
}

/// Of a run that has come to its end.
void add_duration(Reading& reading, const char* name, const char* words,
                  const std::optional<store::Run>& run) {
  if (!run) return;
  const auto begin = parse_utc(run->started);
  const auto end = parse_utc(run->finished);
  if (!begin || !end) return;
  reading.metrics.push_back({name, seconds_between(*begin, *end), "s", {}, false, {}, words});
}

void add_ranges(Reading& reading, const StoreReport& report) {
  constexpr double kFew = 1'000'000;
  constexpr double kHardly = 10'000;
  for (const auto& range : report.ranges) {
    reading.metrics.push_back({"uids_left",
                               static_cast<double>(range.left),
                               "",
                               {kFew, kHardly},
                               true,
                               std::string(uid::kind_name(range.kind)),
                               "UIDs left"});
  }
}

}  // namespace

void add_metrics(Reading& reading, const StoreReport& report, Time now) {
  add_count(reading, "facts", static_cast<double>(report.store.facts));
  add_count(reading, "entities", static_cast<double>(report.store.entities));
  add_ranges(reading, report);
  add_duration(reading, "seed_duration", "time of the last seed", report.seed);
  add_duration(reading, "rebuild_duration", "time of the last rebuild", report.rebuild);
  if (!report.cache || report.cache->generation == 0) return;
  add_count(reading, "cache_rebuilds", static_cast<double>(report.cache->generation));
  add_count(reading, "cache_behind", report.cache_behind ? 1 : 0);
  if (report.sample) {
    add_count(reading, "cache_differing", static_cast<double>(report.sample->differing));
  }
  add_age(reading, "cache_age", "age of the cache", parse_utc(report.cache->finished), now);
}

void add_metrics(Reading& reading, const BackupReport& report, Time now) {
  constexpr double kWeek = 7 * 86'400.0;
  if (report.newest) {
    add_age(reading, "backup_age", "age of the newest backup", report.newest->time, now,
            {kWeek, {}});
  }
  if (report.verified) {
    add_age(reading, "verify_age", "time since backups were verified", report.verified->time, now);
  }
  if (report.restore_test) {
    add_age(reading, "restore_test_age", "time since a restore was tested",
            report.restore_test->time, now);
  }
}

}  // namespace prism::health
