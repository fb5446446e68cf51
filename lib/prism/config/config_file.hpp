#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <prism/config/setting.hpp>

namespace prism::config {

/// One `[targets.NAME]`: a url or paths.
struct ConfiguredTarget {
  std::string url;                     ///< of a database
  std::vector<std::string> paths;      ///< of files, folders and patterns of them
  std::string before;                  ///< a line for the shell, before a backup or restore of it
  std::string after;                   ///< the same, after it
  std::chrono::seconds time_limit{0};  ///< of a backup of it; 0: none
  std::string scratch;                 ///< the URL that restore tests of it restore into
  std::string dump_command;  ///< of Neo4j: a line for the shell that writes the server's own dump
  std::string load_command;  ///< of Neo4j: the same, that reads it
};

struct ConfigFile {
  std::map<Setting, std::string> settings;
  std::map<std::string, ConfiguredTarget> targets;  ///< by name
};

/// Reads a TOML file, whose keys are those of the settings and `targets.NAME.url` or
/// `targets.NAME.paths`, with `before`, `after`, `time_limit`, `scratch`, `dump_command` and
/// `load_command` beside them. It is read only if it belongs to the caller or root and no one else
/// may write to it, for it can name commands. Throws Error(configuration) for that, for bad TOML
/// and for an unknown key.
PRISM_API ConfigFile read_config_file(const std::filesystem::path& file);

}  // namespace prism::config
