#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::setup {

/// One command that changed something, or tried to.
struct AuditEntry {
  std::string command;
  std::vector<std::string> targets;  ///< stores, files: no secrets
  int exit_code = 0;
  std::string error;  ///< empty when there was none
  std::string started;
  double seconds = 0;
  std::string run = {};  ///< the id that the run's log lines have
};

/// Appends one JSON line (time, user, host, process, command, targets, result), readable by the
/// owner only; the folder is made. Throws Error when it can't be written.
PRISM_API void append_audit(const std::filesystem::path& file, const AuditEntry& entry);

}  // namespace prism::setup
