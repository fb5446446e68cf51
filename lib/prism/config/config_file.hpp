#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <prism/config/setting.hpp>

namespace prism::config {

/// How `status` looks at a target.
struct Watching {
  std::chrono::seconds time_limit{0};  ///< 0: that of status.time_limit
  bool upstream = false;               ///< belongs to others: that it is down is a warning
  std::string expect;               ///< of HTTP: `field=value` of the JSON answer, or a text in it
  std::vector<std::string> queues;  ///< of Redis: keys whose length is told
  std::vector<std::string> dead_letters;  ///< the same, of what no worker could do
  std::string data_folder;  ///< of Neo4j: where the server keeps its data, if it can be seen
  std::string migrations;   ///< of PostgreSQL: the folder of the system's own; empty: none is known
  std::map<std::string, double> warn;      ///< limits, by the name of a metric
  std::map<std::string, double> critical;  ///< the same
};

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
  Watching watching;
};

struct ConfigFile {
  std::map<Setting, std::string> settings;
  std::map<std::string, ConfiguredTarget> targets;  ///< by name
};

/// Reads a TOML file, whose keys are those of the settings and `targets.NAME.url` or
/// `targets.NAME.paths`, with `before`, `after`, `time_limit`, `scratch`, `dump_command`,
/// `load_command`, and what Watching is made of, beside them. It is read only if it belongs to the
/// caller or root and no one else may write to it, for it can name commands. Throws
/// Error(configuration) for that, for bad TOML and for an unknown key.
PRISM_API ConfigFile read_config_file(const std::filesystem::path& file);

}  // namespace prism::config
