#include <fmt/format.h>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/health/backup_report.hpp>
#include <prism/health/store_report.hpp>

#include "command.hpp"
#include "console/table.hpp"
#include "results.hpp"
#include "store_look.hpp"

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
    json.update(to_json(*report.cache));
  }
  return json;
}

std::vector<std::string> problems_of(const StoreReport& report, const BackupReport& backups) {
  auto problems = report.problems;
  problems.insert(problems.end(), backups.problems.begin(), backups.problems.end());
  return problems;
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

Json to_json(const std::optional<StoreReport>& store, const BackupReport& backups) {
  const StoreReport report = store.value_or(StoreReport());
  return {{"command", "status"},
          {"state", prism::health::state_name(std::max(report.state, backups.state))},
          {"problems", problems_of(report, backups)},
          {"store", store ? store_json(report) : Json()},
          {"uids", uids_json(report)},
          {"seed", report.seed ? seed_json(*report.seed) : Json()},
          {"cache", cache_json(report)},
          {"backups", backups_json(backups)}};
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

/// `store` is nothing where there is none.
int tell(const std::optional<StoreReport>& store, const BackupReport& backups, Output& output) {
  const StoreReport report = store.value_or(StoreReport());
  const State state = std::max(report.state, backups.state);
  if (output.json()) {
    output.document(to_json(store, backups));
    return static_cast<int>(state);
  }
  Rows rows{{"state", painted(state, output.colour())}};
  if (store) {
    add_store(rows, report);
    add_seed(rows, report);
    add_cache(rows, report);
  }
  add_backups(rows, backups);
  for (const std::string& problem : problems_of(report, backups)) {
    rows.push_back({"problem", problem});
  }
  for (const std::string& line : table_lines(rows)) output.line(line);
  return static_cast<int>(state);
}

/// What can't be asked is told elsewhere where it is the cache.
void look_for_unfinished(Session& session, BackupReport& report) {
  for (const auto& target : session.backup_targets()) {
    try {
      const auto component = prism::drivers::open_component(
          target, {.servers = session.settings().servers()}, session.log(), session.cancel());
      if (const auto words = component->unfinished()) {
        add_unfinished_restore(report, target.name, *words);
      }
    } catch (const prism::Error& e) {
      if (!prism::health::is_trouble(e)) throw;
      if (target.url == session.cache_url()) continue;
      add_unreachable_target(report, target.name, e.what());
    }
  }
}

BackupReport report_backups(Session& session) {
  BackupReport report;
  try {
    report = prism::health::report_backups(*session.open_repository());
  } catch (const prism::Error& e) {
    if (!prism::health::is_trouble(e)) throw;
    report.location = prism::config::without_password(
        session.settings().text(prism::config::Setting::repository));
    add_unreachable_repository(report, e.what());
  }
  look_for_unfinished(session, report);
  return report;
}

/// A system need not have a fact store: its targets and their backups have a state all the same.
/// One that was named has to be there.
bool is_store_needed(const Session& session, const BackupReport& backups) {
  const auto& store = session.settings().value(prism::config::Setting::store);
  return store.origin != "default" || (session.targets().empty() && !backups.newest);
}

int run(Session& session) {
  const auto report = report_store(session);
  const auto backups = report_backups(session);
  if (!report && is_store_needed(session, backups)) {
    throw prism::Error(
        prism::ErrorCode::unknown,
        prism::config::without_password(session.settings().text(prism::config::Setting::store)) +
            ": there is no such store",
        "prismctl seed makes one");
  }
  return tell(report, backups, session.output());
}

}  // namespace

Command status_command() {
  return {.name = "status",
          .summary = "Tell the state of the store, its cache and the backups",
          .examples = "prismctl status\nprismctl status --store facts.db --json",
          .add = [](CLI::App&) -> Run { return run; }};
}

}  // namespace prismctl
