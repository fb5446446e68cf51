#include <algorithm>

#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/health/plugin_line.hpp>
#include <prism/health/prometheus.hpp>

#include "command.hpp"
#include "status_look.hpp"
#include "status_view.hpp"

namespace prismctl {
namespace {

using prism::config::Setting;
using prism::health::State;
using Clock = std::chrono::steady_clock;

struct StatusOptions {
  LookOptions look;
  std::vector<std::string> wait_for;   ///< names; empty: all that is looked at, but for `upstreams`
  std::vector<std::string> upstreams;  ///< names of what others run: it may stay down
  bool plugin = false;
  bool watch = false;
  int interval = 2;
  std::string metrics_file;
};

void show(const StatusOptions& options, const SystemState& found, Output& output) {
  if (!options.metrics_file.empty()) {
    prism::write_file_atomically(
        options.metrics_file,
        prism::health::prometheus_text(found.state, found.targets, found.system));
  }
  if (options.plugin) {
    Output::write(
        prism::health::plugin_line(found.state, found.problems, found.targets, found.system) +
        "\n");
  } else if (output.json()) {
    output.document(to_json(found));
  } else {
    for (const std::string& line : lines_of(found, output.colour())) output.line(line);
  }
}

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Those that are waited for and not up yet, by name; empty: none.
std::string missing_in(const StatusOptions& options, const SystemState& found) {
  const auto& names = options.wait_for;
  std::string missing;
  for (const auto& target : found.targets) {
    const bool counts =
        names.empty() ? !is_among(options.upstreams, target.name) : is_among(names, target.name);
    if (counts && !target.up) missing += (missing.empty() ? "" : ", ") + target.name;
  }
  return missing;
}

void pause(std::chrono::milliseconds time, const prism::Cancel& cancel) {
  prism::sleep_unless(cancel, time);
  cancel.check();
}

/// Whether a later look may find what this one could not.
bool may_come(const prism::Error& error) { return error.code() == prism::ErrorCode::unavailable; }

/// Looks again until all are up or the time is over.
SystemState await(Session& session, const StatusOptions& options) {
  constexpr std::chrono::milliseconds kBetween{250};
  const auto limit = std::chrono::seconds(session.settings().integer(Setting::wait));
  std::string told;
  for (const auto end = Clock::now() + limit;; pause(kBetween, session.cancel())) {
    std::string missing;
    try {
      SystemState found = look_at_system(session, options.look);
      missing = missing_in(options, found);
      if (missing.empty() || Clock::now() >= end) return found;
    } catch (const prism::Error& e) {
      if (!may_come(e) || Clock::now() >= end) throw;
      missing = e.what();
    }
    if (missing != told) session.log().info("waiting for " + missing);
    told = missing;
  }
}

/// Until it is interrupted, which is its end and no failure.
int watch(Session& session, const StatusOptions& options) {
  State state = State::unknown;
  while (!session.cancel().requested()) {
    try {
      const SystemState found = await(session, options);
      state = found.state;
      if (session.output().colour()) Output::write("\033[H\033[2J");
      show(options, found, session.output());
      pause(std::chrono::seconds(options.interval), session.cancel());
    } catch (const prism::Error&) {
      if (!session.cancel().requested()) throw;
    }
  }
  return static_cast<int>(state);
}

/// A plugin tells in its line, and by its exit code, what else would be an error.
int plugin(Session& session, const StatusOptions& options) {
  try {
    const SystemState found = await(session, options);
    show(options, found, session.output());
    return static_cast<int>(found.state);
  } catch (const prism::Error& e) {
    session.cancel().check();
    const bool down = prism::health::is_trouble(e);
    const State state = down ? State::critical : State::unknown;
    Output::write(prism::health::plugin_line(state, {e.what()}, {}, {}) + "\n");
    return static_cast<int>(state);
  }
}

/// One that nobody looks at would never come, or be taken for up.
void require_looked_at(Session& session, const StatusOptions& options) {
  const auto& names = options.look.names;
  for (const std::string& name : options.wait_for) {
    target_named(session.targets(), name);
    if (names.empty() || is_among(names, name)) continue;
    throw prism::Error(prism::ErrorCode::usage, "--for " + name + ": it is not looked at",
                       "name it among the targets, or none");
  }
}

int run(Session& session, StatusOptions options) {
  require_looked_at(session, options);
  for (const auto& target : session.targets()) {
    if (target.watching.upstream) options.upstreams.push_back(target.name);
  }
  if (options.plugin) return plugin(session, options);
  if (options.watch) return watch(session, options);
  const SystemState found = await(session, options);
  show(options, found, session.output());
  return static_cast<int>(found.state);
}

void add_ways(CLI::App& app, StatusOptions& options) {
  CLI::Option* const plugin =
      app.add_flag("--plugin", options.plugin,
                   "Print one line with performance data, as Nagios and Icinga take it");
  CLI::Option* const watch = app.add_flag("--watch", options.watch, "Look again and again");
  app.add_option("--interval", options.interval, "Seconds between two looks (default: 2)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86'400))
      ->needs(watch);
  plugin->excludes(watch);
}

void add_limits(CLI::App& app, LookOptions& look) {
  app.add_option("--warn", look.warn, "From where on a metric is a warning, such as queue=100")
      ->type_name("METRIC=NUMBER")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--critical", look.critical, "The same for a critical one")
      ->type_name("METRIC=NUMBER")
      ->delimiter(',')
      ->allow_extra_args(false);
}

Run add(CLI::App& app) {
  const auto options = std::make_shared<StatusOptions>();
  app.add_option("name", options->look.names, "Targets to look at (default: all there is)")
      ->type_name("NAME");
  app.add_option("--for", options->wait_for,
                 "With --wait: return as soon as this target is up; may be given more than once")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_flag(
      "--deep", options->look.deep,
      "Look closer: integrity of SQLite files, all objects of a bucket, a write test, some of "
      "the cache computed anew");
  app.add_option("--metrics-file", options->metrics_file,
                 "Write all metrics there too, for the textfile collector of Prometheus' "
                 "node_exporter")
      ->type_name("FILE");
  add_ways(app, *options);
  add_limits(app, options->look);
  return [options](Session& session) { return run(session, *options); };
}

}  // namespace

Command status_command() {
  return {.name = "status",
          .summary = "Tell the state of the system: its targets, the store, the cache, the backups",
          .examples =
              "prismctl status\nprismctl status --env-file .env --wait 60\n"
              "prismctl status --plugin --warn backup_age=93600\n"
              "prismctl status --metrics-file /var/lib/node_exporter/prismctl.prom",
          .add = add};
}

}  // namespace prismctl
