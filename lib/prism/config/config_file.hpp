#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <prism/config/setting.hpp>

namespace prism::config {

/// Reads a TOML file, whose keys are those of the settings. It is read only if it belongs to the
/// caller or root and no one else may write to it, for it can name commands. Throws
/// Error(configuration) for that, for bad TOML and for an unknown key.
PRISM_API std::map<Setting, std::string> read_config_file(const std::filesystem::path& file);

}  // namespace prism::config
