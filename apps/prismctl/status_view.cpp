#include "status_view.hpp"

#include <array>
#include <set>

#include <fmt/format.h>

#include <prism/base/date.hpp>
#include <prism/base/text.hpp>

#include "console/table.hpp"
#include "results.hpp"

namespace prismctl {
namespace {

using prism::with_separators;
using prism::health::BackupReport;
using prism::health::State;
using prism::health::StoreReport;
using Rows = std::vector<std::vector<std::string>>;

std::string painted(State state, bool colour) {
  const std::string name(prism::health::state_name(state));
  if (!colour) return name;
  static constexpr std::array<const char*, 4> kColours{"\033[32m", "\033[33m", "\033[31m",
                                                       "\033[35m"};
  return kColours[static_cast<std::size_t>(state)] + name + "\033[0m";
}

std::string age_of(const std::string& time) {
  const auto then = prism::parse_utc(time);
  if (!then) return "";
  const auto age = std::chrono::system_clock::now() - *then;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  if (seconds < 0) return "in the future";
  if (seconds < 120) return fmt::format("{} s ago", seconds);
  if (seconds < 7200) return fmt::format("{} min ago", seconds / 60);
  if (seconds < 172'800) return fmt::format("{} h ago", seconds / 3600);
  return fmt::format("{} days ago", seconds / 86'400);
}

std::string run_state(const prism::store::Run& run) {
  switch (run.state) {
    case prism::store::RunState::complete:
      return "complete";
    case prism::store::RunState::failed:
      return "error";
    case prism::store::RunState::running:
      break;
  }
  return "running";
}

Json seed_json(const prism::store::Run& run) {
  Json stages = Json::array();
  for (const auto& stage : run.stages) {
    stages.push_back({{"stage", stage.stage},
                      {"started", stage.started},
                      {"finished", stage.finished.empty() ? Json() : Json(stage.finished)}});
  }
  return {{"state", run_state(run)},
          {"stage", run.stage},
          {"started", run.started},
          {"finished", run.finished.empty() ? Json() : Json(run.finished)},
          {"stages", stages}};
}

Json cache_json(const StoreReport& report) {
  if (report.cache_location.empty()) return nullptr;
  Json json{{"location", report.cache_location},
            {"reachable", report.cache_trouble.empty()},
            {"built", report.cache && report.cache->generation > 0}};
  if (report.cache) {
    json["unfinished"] = report.cache->unfinished.empty() ? Json() : Json(report.cache->unfinished);
    json["behind"] = report.cache_behind;
    json["compared"] = report.sample ? Json(report.sample->compared) : Json();
    json["differing"] = report.sample ? Json(report.sample->differing) : Json();
    json.update(to_json(*report.cache));
  }
  return json;
}

Json proof_json(const std::optional<prism::backup::KeptProof>& proof) {
  if (!proof) return nullptr;
  return {{"time", prism::format_utc(proof->time)},
          {"backup", proof->backup},
          {"outcome", outcome_name(proof->outcome)}};
}

Json backups_json(const BackupReport& report) {
  return {{"location", report.location},
          {"newest", report.newest ? Json(report.newest->id) : Json()},
          {"time", report.newest ? Json(prism::format_utc(report.newest->time)) : Json()},
          {"verified", proof_json(report.verified)},
          {"restore_test", proof_json(report.restore_test)}};
}

Json uids_json(const StoreReport& report) {
  Json uids = Json::array();
  for (const auto& range : report.ranges) {
    uids.push_back(
        {{"kind", prism::uid::kind_name(range.kind)}, {"next", range.next}, {"left", range.left}});
  }
  return uids;
}

Json store_json(const StoreReport& report) {
  const auto& store = report.store;
  return {
      {"kind", store.kind},
      {"version", store.version},
      {"location", store.location},
      {"schema_version", report.schema.version},
      {"facts", store.facts},
      {"entities", store.entities},
      {"watermark", store.watermark},
      {"unfinished_load", store.unfinished_load.empty() ? Json() : Json(store.unfinished_load)}};
}

Json metrics_json(const prism::health::Reading& reading) {
  Json metrics = Json::array();
  for (const prism::health::Metric& metric : reading.metrics) {
    const auto limit = [](const std::optional<double>& one) { return one ? Json(*one) : Json(); };
    metrics.push_back({{"name", metric.name},
                       {"of", metric.of.empty() ? Json() : Json(metric.of)},
                       {"value", metric.value},
                       {"unit", metric.unit},
                       {"warning", limit(metric.limits.warning)},
                       {"critical", limit(metric.limits.critical)}});
  }
  return metrics;
}

Json wal_json(const SystemState& found) {
  Json all = Json::array();
  for (const WalReport& report : found.wal) all.push_back(to_json(report));
  return all;
}

double milliseconds_of(const prism::health::Observation& target) {
  return std::chrono::duration<double, std::milli>(target.latency).count();
}

Json targets_json(const SystemState& found) {
  Json targets = Json::array();
  for (const auto& target : found.targets) {
    targets.push_back({{"name", target.name},
                       {"kind", target.kind},
                       {"state", prism::health::state_name(target.reading.state)},
                       {"up", target.up},
                       {"latency_ms", milliseconds_of(target)},
                       {"version", target.reading.version},
                       {"notes", target.reading.notes},
                       {"problems", target.reading.problems},
                       {"metrics", metrics_json(target.reading)}});
  }
  return targets;
}

void add_store(Rows& rows, const StoreReport& report) {
  const auto& store = report.store;
  rows.push_back({"store", fmt::format("{} ({} {}, schema {})", store.location, store.kind,
                                       store.version, report.schema.version)});
  rows.push_back({"", fmt::format("{} facts, {} entities", with_separators(store.facts),
                                  with_separators(store.entities))});
  for (const auto& range : report.ranges) {
    rows.push_back({range.kind == prism::uid::Kind::entity ? "uids" : "",
                    fmt::format("next {} {}, {} left", prism::uid::kind_name(range.kind),
                                range.next, with_separators(range.left))});
  }
}

void add_seed(Rows& rows, const StoreReport& report) {
  if (!report.seed) return rows.push_back({"seed", "never"});
  const auto& seed = *report.seed;
  rows.push_back({"seed", fmt::format("{}, started {} ({})", run_state(seed), seed.started,
                                      age_of(seed.started))});
}

void add_cache(Rows& rows, const StoreReport& report) {
  if (report.cache_location.empty()) return rows.push_back({"cache", "none configured"});
  if (!report.cache_trouble.empty()) {
    return rows.push_back({"cache", report.cache_location + ": can't be reached"});
  }
  if (!report.cache || report.cache->generation == 0) {
    return rows.push_back({"cache", report.cache_location + ": never built"});
  }
  rows.push_back({"cache", fmt::format("{}, built {} ({}){}", report.cache_location,
                                       report.cache->finished, age_of(report.cache->finished),
                                       report.cache_behind ? ", behind the store" : "")});
  rows.push_back({"", summary_of(*report.cache)});
  if (!report.sample) return;
  rows.push_back({"", fmt::format("{} keys computed anew, {} differ", report.sample->compared,
                                  report.sample->differing)});
}

std::string words_of(const std::optional<prism::backup::KeptProof>& proof) {
  if (!proof) return "never";
  return fmt::format("{} ({})", age_of(prism::format_utc(proof->time)),
                     outcome_name(proof->outcome));
}

void add_backups(Rows& rows, const BackupReport& report) {
  if (!report.newest) return rows.push_back({"backups", report.location + ": none"});
  rows.push_back({"backups", fmt::format("{}: {} ({})", report.location, report.newest->id,
                                         age_of(prism::format_utc(report.newest->time)))});
  rows.push_back({"", fmt::format("verified {}, restore test {}", words_of(report.verified),
                                  words_of(report.restore_test))});
}

/// `, timelines 1, 2`: of one alone the segment's name tells.
std::string timelines_of(const prism::postgres::WalSummary& wal) {
  std::set<std::uint32_t> timelines;
  for (const auto& run : wal.runs) timelines.insert(run.first.timeline);
  return timelines.size() < 2 ? "" : fmt::format(", timelines {}", fmt::join(timelines, ", "));
}

void add_wal(Rows& rows, const WalReport& report) {
  const auto& wal = report.wal;
  rows.push_back({"wal", wal.last.empty()
                             ? report.target + ": no segment"
                             : fmt::format("{}: {} ({}), {} behind{}", report.target, wal.last,
                                           age_of(prism::format_utc(wal.last_time)), report.behind,
                                           timelines_of(wal.summary))});
}

void add_targets(std::vector<std::string>& lines, const SystemState& found, bool colour) {
  if (found.targets.empty()) return;
  Rows rows{{"TARGET", "KIND", "STATE", "MS", "VERSION", ""}};
  for (const auto& target : found.targets) {
    const auto& reading = target.reading;
    rows.push_back({target.name, target.kind, painted(reading.state, colour),
                    fmt::format("{:.0f}", milliseconds_of(target)), reading.version,
                    fmt::format("{}", fmt::join(reading.notes, ", "))});
  }
  for (std::string& line : table_lines(rows)) {
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
}

}  // namespace

Json to_json(const SystemState& found) {
  const StoreReport report = found.store.value_or(StoreReport());
  return {{"command", "status"},
          {"state", prism::health::state_name(found.state)},
          {"problems", found.problems},
          {"targets", targets_json(found)},
          {"store", found.store ? store_json(report) : Json()},
          {"uids", uids_json(report)},
          {"seed", report.seed ? seed_json(*report.seed) : Json()},
          {"cache", cache_json(report)},
          {"backups", found.backups ? backups_json(*found.backups) : Json()},
          {"wal", wal_json(found)},
          {"metrics", metrics_json(found.system)}};
}

std::vector<std::string> lines_of(const SystemState& found, bool colour) {
  Rows rows{{"state", painted(found.state, colour)}};
  if (found.store) {
    add_store(rows, *found.store);
    add_seed(rows, *found.store);
    add_cache(rows, *found.store);
  }
  if (found.backups) add_backups(rows, *found.backups);
  for (const WalReport& report : found.wal) add_wal(rows, report);
  for (const std::string& problem : found.problems) rows.push_back({"problem", problem});
  auto lines = table_lines(rows);
  add_targets(lines, found, colour);
  return lines;
}

}  // namespace prismctl
