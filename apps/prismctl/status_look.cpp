#include "status_look.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/host/probe.hpp>
#include <prism/health/report_metrics.hpp>

#include "migrations_probe.hpp"
#include "status_limits.hpp"
#include "store_look.hpp"

namespace prismctl {
namespace {

using prism::config::Setting;
using prism::config::Target;
using prism::health::BackupReport;
using prism::health::LimitsByName;
using prism::health::NamedProbe;

constexpr const char* kHost = "host";

/// Those for all targets, then those of the target itself, then those of the command line.
LimitsByName limits_of(const Session& session, const LookOptions& options,
                       const prism::config::Watching& watching) {
  constexpr WhichLimit kWarning = &prism::health::Limits::warning;
  constexpr WhichLimit kCritical = &prism::health::Limits::critical;
  LimitsByName limits = limits_of_settings(session.settings());
  for (const auto& [name, limit] : watching.warn) limits[name].warning = limit;
  for (const auto& [name, limit] : watching.critical) limits[name].critical = limit;
  for (const std::string& one : options.warn) {
    add_limit(limits, one, kWarning, "--warn", prism::ErrorCode::usage);
  }
  for (const std::string& one : options.critical) {
    add_limit(limits, one, kCritical, "--critical", prism::ErrorCode::usage);
  }
  return limits;
}

std::chrono::seconds time_limit(const Session& session) {
  return std::chrono::seconds(session.settings().integer(Setting::status_time_limit));
}

NamedProbe named_probe(Session& session, const LookOptions& options, const std::string& name,
                       const std::string& kind, const prism::config::Watching& watching) {
  NamedProbe probe{.name = name,
                   .kind = kind,
                   .cancel = std::make_unique<prism::Cancel>(&session.cancel()),
                   .probe = nullptr,
                   .limits = limits_of(session, options, watching)};
  probe.time_limit = watching.time_limit.count() > 0 ? watching.time_limit : time_limit(session);
  if (watching.upstream) probe.worst = prism::health::State::warning;
  return probe;
}

/// The disks that a run of ours fills.
NamedProbe host_probe(Session& session, const LookOptions& look) {
  NamedProbe probe = named_probe(session, look, kHost, kHost, {});
  prism::host::ProbeOptions options;
  for (const Setting setting : {Setting::store, Setting::repository}) {
    const std::string& url = session.settings().text(setting);
    if (prism::config::scheme_of(url) == "sqlite") {
      options.places.push_back(prism::config::sqlite_path(url));
    }
  }
  probe.probe = prism::host::open_probe(std::move(options), *probe.cancel);
  return probe;
}

bool is_chosen(const LookOptions& options, const std::string& name) {
  return options.names.empty() ||
         std::find(options.names.begin(), options.names.end(), name) != options.names.end();
}

std::vector<NamedProbe> probes(Session& session, const LookOptions& options,
                               const std::vector<Target>& targets) {
  for (const std::string& name : options.names) {
    if (name != kHost) target_named(targets, name);
  }
  std::vector<NamedProbe> probes;
  for (const Target& target : targets) {
    if (!is_chosen(options, target.name)) continue;
    NamedProbe probe = named_probe(session, options, target.name, target.kind, target.watching);
    probe.probe = prism::drivers::open_probe(
        target, {probe.time_limit, session.settings().servers()}, session.log(), *probe.cancel);
    if (!target.watching.migrations.empty()) {
      probe.probe = with_migrations(std::move(probe.probe), target,
                                    session.settings().servers().within(probe.time_limit),
                                    session.log(), *probe.cancel);
    }
    probes.push_back(std::move(probe));
  }
  return probes;
}

/// Where there is a system to look after, or it was named: a store alone says nothing of a host.
std::vector<NamedProbe> host_probes(Session& session, const LookOptions& options,
                                    const std::vector<Target>& targets) {
  const bool named = !options.names.empty() && is_chosen(options, kHost);
  std::vector<NamedProbe> probes;
  if (named || (options.names.empty() && !targets.empty())) {
    probes.push_back(host_probe(session, options));
  }
  return probes;
}

/// A server that is down, or refuses us, is asked no second time: it may count logins that fail.
bool is_down(const SystemState& found, const std::vector<Target>& targets, const std::string& url) {
  return std::any_of(targets.begin(), targets.end(), [&](const Target& target) {
    return prism::config::is_same_place(target.url, url) &&
           std::any_of(found.targets.begin(), found.targets.end(),
                       [&](const auto& seen) { return seen.name == target.name && !seen.up; });
  });
}

/// Words on a restore that was cut off. What can't be asked is told of by its probe, or as the
/// store and its cache.
std::optional<std::string> unfinished_restore(Session& session, const Target& target) {
  prism::Cancel cancel(&session.cancel());
  cancel.limit_time(time_limit(session));
  const auto servers = session.settings().servers().within(time_limit(session));
  try {
    return prism::drivers::open_component(target, {.servers = servers}, session.log(), cancel)
        ->unfinished();
  } catch (const prism::Error& e) {
    if (!prism::health::is_trouble(e)) throw;
    return {};
  }
}

/// By the names of their targets.
std::map<std::string, std::string> look_for_unfinished(Session& session,
                                                       const std::vector<Target>& targets,
                                                       const SystemState& found) {
  auto asked = session.backup_targets();
  std::erase_if(asked, [&](const Target& target) { return is_down(found, targets, target.url); });
  std::vector<std::optional<std::string>> words(asked.size());
  prism::run_parallel(asked.size(), asked.size(),
                      [&](std::size_t i) { words[i] = unfinished_restore(session, asked[i]); });
  std::map<std::string, std::string> unfinished;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (words[i]) unfinished[asked[i].name] = *words[i];
  }
  return unfinished;
}

/// A repository that can't be reached is told of as that of the backups.
std::vector<WalReport> report_wal(Session& session, const std::vector<Target>& targets) {
  try {
    return look_at_wal(session, targets, time_limit(session));
  } catch (const prism::Error& e) {
    if (!prism::health::is_trouble(e)) throw;
    return {};
  }
}

/// Whoever looks deeply waits longer: all facts are read.
std::optional<prism::health::StoreReport> look_at_store(Session& session,
                                                        prism::health::Depth depth) {
  constexpr int kDeepTimes = 12;
  const bool deep = depth == prism::health::Depth::deep;
  const auto limit = time_limit(session) * (deep ? kDeepTimes : 1);
  prism::Cancel cancel(&session.cancel());
  cancel.limit_time(limit);
  return report_store(session, session.settings().servers().within(limit), cancel, depth);
}

/// A graph that the system itself has: what it holds need not be facts of ours.
bool is_target(const prism::config::SettingValue& store, const std::vector<Target>& targets) {
  return std::any_of(targets.begin(), targets.end(), [&](const Target& target) {
    return target.url == store.text && target.origin == store.origin;
  });
}

/// A system need not have a fact store: its targets and their backups have a state all the same.
/// One that was named has to be there.
void require_store(const Session& session, const SystemState& found,
                   const std::vector<Target>& targets) {
  const auto& store = session.settings().value(Setting::store);
  if (found.store || is_down(found, targets, store.text) || is_target(store, targets) ||
      (store.origin == "default" && (!targets.empty() || found.backups->newest))) {
    return;
  }
  throw prism::Error(prism::ErrorCode::unknown,
                     prism::config::without_password(store.text) + ": there is no such store",
                     "prismctl seed makes one");
}

void add(SystemState& found, prism::health::State state, const std::vector<std::string>& problems) {
  found.state = std::max(found.state, state);
  found.problems.insert(found.problems.end(), problems.begin(), problems.end());
}

void measure(SystemState& found, const LimitsByName& limits) {
  const auto now = std::chrono::system_clock::now();
  if (found.store) add_metrics(found.system, *found.store, now);
  if (found.backups) add_metrics(found.system, *found.backups, now);
  for (const WalReport& report : found.wal) add_metrics(found.system, report, now);
  judge(found.system, limits);
}

void sum_up(SystemState& found) {
  if (found.store) add(found, found.store->state, found.store->problems);
  if (found.backups) add(found, found.backups->state, found.backups->problems);
  for (const WalReport& report : found.wal) {
    const auto problems = problems_of(report);
    if (!problems.empty()) add(found, prism::health::State::warning, problems);
  }
  add(found, found.system.state, found.system.problems);
  for (const auto& target : found.targets) {
    found.state = std::max(found.state, target.reading.state);
    for (const std::string& problem : target.reading.problems) {
      found.problems.push_back(target.name + ": " + problem);
    }
  }
}

}  // namespace

BackupReport report_repository(Session& session) {
  try {
    return prism::health::report_backups(*session.open_repository());
  } catch (const prism::Error& e) {
    if (!prism::health::is_trouble(e)) throw;
    BackupReport report;
    report.location = prism::config::without_password(session.settings().text(Setting::repository));
    add_unreachable_repository(report, e.what());
    return report;
  }
}

SystemState look_at_system(Session& session, const LookOptions& options) {
  SystemState found;
  const auto targets = session.targets();
  auto all = probes(session, options, targets);
  auto host = host_probes(session, options, targets);
  const auto depth = options.deep ? prism::health::Depth::deep : prism::health::Depth::normal;
  const bool whole = options.names.empty();
  std::vector<prism::health::Observation> of_host;
  std::map<std::string, std::string> unfinished;
  std::vector<std::function<void()>> looks{
      [&] {
        found.targets = look_at_all(all, depth, session.cancel());
        if (!whole) return;
        if (!is_down(found, targets, session.settings().text(Setting::store))) {
          found.store = look_at_store(session, depth);
        }
        unfinished = look_for_unfinished(session, targets, found);
      },
      [&] { of_host = look_at_all(host, depth, session.cancel()); }};
  if (whole) {
    looks.emplace_back([&] { found.backups = report_repository(session); });
    looks.emplace_back([&] { found.wal = report_wal(session, targets); });
  }
  prism::run_parallel(looks.size(), looks.size(), [&](std::size_t i) { looks[i](); });
  if (whole) require_store(session, found, targets);
  found.targets.insert(found.targets.end(), std::make_move_iterator(of_host.begin()),
                       std::make_move_iterator(of_host.end()));
  for (const auto& [name, words] : unfinished) {
    add_unfinished_restore(*found.backups, name, words);
  }
  measure(found, limits_of(session, options, {}));
  sum_up(found);
  return found;
}

}  // namespace prismctl
