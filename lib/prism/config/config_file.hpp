#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <prism/config/setting.hpp>

namespace prism::config {

/// One `[targets.NAME]`: either of the two.
struct ConfiguredTarget {
  std::string url;                 ///< of a database
  std::vector<std::string> paths;  ///< of files, folders and patterns of them
};

struct ConfigFile {
  std::map<Setting, std::string> settings;
  std::map<std::string, ConfiguredTarget> targets;  ///< by name
};

/// Reads a TOML file, whose keys are those of the settings and `targets.NAME.url` or
/// `targets.NAME.paths`. It is read only
/// if it belongs to the caller or root and no one else may write to it, for it can name commands.
/// Throws Error(configuration) for that, for bad TOML and for an unknown key.
PRISM_API ConfigFile read_config_file(const std::filesystem::path& file);

}  // namespace prism::config
