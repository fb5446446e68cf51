#include <algorithm>
#include <chrono>

#include <prism/config/sources.hpp>
#include <prism/setup/preflight/backups.hpp>
#include <prism/setup/preflight/file_modes.hpp>
#include <prism/setup/preflight/passwords.hpp>
#include <prism/setup/preflight/transport.hpp>
#include <prism/setup/preflight/variables.hpp>

#include "command.hpp"
#include "console/table.hpp"
#include "status_limits.hpp"
#include "status_look.hpp"

namespace prismctl {
namespace {

using prism::config::Setting;
using prism::config::Target;
namespace setup = prism::setup;
using setup::Findings;

void add(Findings& all, Findings more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// Those that are looked at, and those that are only backed up: the store and the cache.
std::vector<Target> all_targets(const Session& session) {
  auto all = session.targets();
  for (Target& target : session.backup_targets()) {
    const bool there = std::any_of(all.begin(), all.end(),
                                   [&](const Target& other) { return other.name == target.name; });
    if (!there) all.push_back(std::move(target));
  }
  return all;
}

/// The worst first, else in the order of the rules.
Findings look(Session& session) {
  const auto& sources = session.sources();
  const auto& settings = session.settings();
  const auto targets = all_targets(session);
  Findings all;
  add(all, setup::check_variables(sources));
  add(all, setup::check_passwords(setup::find_secrets(sources, settings, targets)));
  add(all, setup::check_redis(targets, settings));
  add(all, setup::check_transport(targets, settings.text(Setting::s3_endpoint)));
  add(all, setup::check_file_modes(setup::find_guarded_files(sources, settings)));
  add(all, setup::check_backups(report_repository(session), limits_of_settings(settings),
                                std::chrono::system_clock::now()));
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.level > b.level; });
  return all;
}

Json to_json(const Findings& findings) {
  Json json = Json::array();
  for (const auto& finding : findings) {
    json.push_back({{"level", state_name(finding.level)},
                    {"where", finding.where},
                    {"what", finding.what},
                    {"hint", finding.hint}});
  }
  return json;
}

void tell(const Findings& findings, Output& output) {
  if (findings.empty()) return output.line("ok: nothing was found");
  std::vector<std::vector<std::string>> rows{{"LEVEL", "WHERE", "WHAT", "HINT"}};
  for (const auto& finding : findings) {
    rows.push_back(
        {std::string(state_name(finding.level)), finding.where, finding.what, finding.hint});
  }
  for (const std::string& line : table_lines(rows)) output.line(line);
}

int run(Session& session) {
  const Findings findings = look(session);
  const auto state = worst_of(findings);
  if (session.output().json()) {
    session.output().document(
        {{"command", "check"}, {"state", state_name(state)}, {"findings", to_json(findings)}});
  } else {
    tell(findings, session.output());
  }
  return static_cast<int>(state);
}

}  // namespace

Command check_command() {
  return {.name = "check",
          .summary = "Look for what is missing or risky: variables, passwords, modes, TLS, backups",
          .examples = "prismctl check --env-file .env\nprismctl check --json",
          .add = [](CLI::App&) -> Run { return run; }};
}

}  // namespace prismctl
