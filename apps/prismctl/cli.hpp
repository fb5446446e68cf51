#pragma once

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <prism/base/error.hpp>

#include "command.hpp"

namespace prismctl {

/// The command line: global flags, one subcommand for each command, and what was parsed.
class CommandLine {
 public:
  CommandLine();

  /// Throws CLI::Success for --help and --version, whose text is what `help` gives, and
  /// Error(usage) for a line that makes no sense.
  void parse(int argc, const char* const* argv);

  /// Prints what --help or --version asked for.
  int answer(const CLI::Success& asked);

  const Globals& globals() const { return globals_; }
  const Command& command() const { return *chosen_; }
  /// `backup prune`
  const std::string& path() const { return path_; }
  /// Whether healthcheck.url is told of it: not of a dry run.
  bool pinged() const;
  const Run& run() const { return run_; }
  /// What the process ends with in such an error: its number, but for `wal fetch`, also where it
  /// could not be parsed, 255: the server takes 1 to 125 for the end of the WAL, and would end a
  /// recovery.
  int exit_code(const prism::Error& error) const;

  CLI::App& app() { return app_; }
  const std::vector<Command>& commands() const { return commands_; }

 private:
  void add_globals();
  void add_settings();
  void add_command(const Command& command);
  void choose();
  [[noreturn]] void explain(const CLI::ParseError& error, const std::vector<std::string>& words);

  CLI::App app_;
  Globals globals_;
  std::vector<Command> commands_;
  std::vector<Run> runs_;
  const Command* chosen_ = nullptr;
  std::string path_;
  Run run_;
  bool is_wal_fetch_ = false;
};

}  // namespace prismctl
