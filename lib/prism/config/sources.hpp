#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <prism/config/config_file.hpp>
#include <prism/config/env_file.hpp>
#include <prism/config/setting.hpp>

namespace prism::config {

/// Where the settings come from, the strongest first.
struct Sources {
  std::map<Setting, std::string> flags;
  Environment environment;            ///< `X_FILE` reads the value of X from a file
  std::filesystem::path env_file;     ///< empty: none
  std::filesystem::path config_file;  ///< empty: the first of default_config_files that is there
  std::vector<std::filesystem::path> default_config_files{"prismctl.toml", "/etc/prismctl.toml"};
};

/// A value found, before it is checked.
struct Found {
  std::string text;
  std::string origin;            ///< `flag --store`, `environment PRISMCTL_STORE`, …
  std::filesystem::path folder;  ///< what a relative path in it is relative to; empty: ours
  bool foreign = false;          ///< from a variable that means another program too
};

/// Values of an environment: the process's own, or a file's.
class VariableSource {
 public:
  VariableSource(Environment environment, std::string origin, std::filesystem::path folder);

  /// The variable's own value, else that of the file which the variable with `_FILE` behind its
  /// name names. One that is empty counts as not set.
  std::optional<Found> find(const Variable& variable) const;
  std::optional<Found> find(const std::array<Variable, 2>& variables) const;

 private:
  Environment environment_;
  std::string origin_;
  std::filesystem::path folder_;
};

/// All sources opened. Throws Error as their readers do.
class PRISM_API OpenSources {
 public:
  explicit OpenSources(const Sources& sources);

  std::optional<Found> find_flag(const SettingSpec& spec) const;
  /// In the environment, else in the env file.
  std::optional<Found> find_variable(const Variable& variable) const;
  std::optional<Found> find_variable(const std::array<Variable, 2>& variables) const;
  std::optional<Found> find_in_config(Setting setting) const;

  const ConfigFile& config() const { return config_; }
  /// Empty: there is none.
  const std::filesystem::path& config_file() const { return config_file_; }
  std::string config_origin() const { return "config file " + config_file_.string(); }
  /// What relative paths in the config file are relative to.
  std::filesystem::path config_folder() const { return config_file_.parent_path(); }

 private:
  const Sources& sources_;
  VariableSource environment_;
  VariableSource env_file_;
  std::filesystem::path config_file_;
  ConfigFile config_;
};

}  // namespace prism::config
