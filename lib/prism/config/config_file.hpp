#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <prism/config/setting.hpp>

namespace prism::config {

struct ConfigFile {
  std::map<Setting, std::string> settings;
  std::map<std::string, std::string> targets;  ///< the URL of each `[targets.NAME]`, by its name
};

/// Reads a TOML file, whose keys are those of the settings and `targets.NAME.url`. It is read only
/// if it belongs to the caller or root and no one else may write to it, for it can name commands.
/// Throws Error(configuration) for that, for bad TOML and for an unknown key.
PRISM_API ConfigFile read_config_file(const std::filesystem::path& file);

}  // namespace prism::config
