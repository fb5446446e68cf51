#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "session.hpp"

namespace prismctl {

/// What a parsed command does; returns the exit code of a run that came to its end.
using Run = std::function<int(Session&)>;

/// A subcommand: one file each. `add` declares its options and returns what runs it.
struct Command {
  std::string_view name;
  std::string_view summary;
  std::string_view examples;  ///< one a line
  Run (*add)(CLI::App& app);
  bool audited = false;  ///< changes something: leaves a line in the audit file
  /// Those that healthcheck.url is told of: itself or nested ones, separated by commas.
  std::string_view pinged = {};
  bool hidden = false;
};

/// All of them, in the order of `--help`.
std::vector<Command> commands();

Command audit_command();
Command backup_command();
Command check_command();
Command config_command();
Command convert_command();
Command generate_command();
Command import_command();
Command migrate_command();
Command rebuild_cache_command();
Command reset_command();
Command restore_command();
Command seed_command();
Command status_command();
Command uid_command();
Command user_command();
Command wal_command();

}  // namespace prismctl
