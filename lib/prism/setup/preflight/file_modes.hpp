#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <prism/config/settings.hpp>
#include <prism/config/sources.hpp>
#include <prism/setup/preflight/finding.hpp>

namespace prism::setup {

/// A file that others should not change, and not read either where it holds a secret.
struct GuardedFile {
  std::string what;  ///< `the env file`, the variable or setting that names it
  std::filesystem::path file;
  bool secret = true;
};

/// The env file, the config file, those that settings name (keys, credentials), and those that
/// variables with `_FILE` behind their names name. A config file without a password is no secret.
PRISM_API std::vector<GuardedFile> find_guarded_files(const config::Sources& sources,
                                                      const config::Settings& settings);

/// Readable by others is a warning, writable by others or not there is critical. Members of the
/// file's group may read it, and only root's group may write.
PRISM_API Findings check_file_modes(std::span<const GuardedFile> files);

}  // namespace prism::setup
