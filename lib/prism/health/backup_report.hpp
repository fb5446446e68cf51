#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <prism/backup/catalog.hpp>
#include <prism/backup/proof.hpp>
#include <prism/health/state.hpp>

namespace prism::health {

/// The backups that there are, and how far they were looked at.
struct BackupReport {
  State state = State::ok;
  std::vector<std::string> problems;  ///< why it isn't ok
  std::string location;
  std::optional<backup::Backup> newest;           ///< that is whole and no safety copy
  std::optional<backup::KeptProof> verified;      ///< the latest, of any backup
  std::optional<backup::KeptProof> restore_test;  ///< the latest, of any backup
};

/// A restore that was cut off is critical: words of Component::unfinished.
PRISM_API void add_unfinished_restore(BackupReport& report, const std::string& target,
                                      const std::string& words);

PRISM_API void add_unreachable_repository(BackupReport& report, const std::string& words);

/// That there are none is no problem; that the last one failed or what was found to be bad is one.
PRISM_API BackupReport report_backups(repository::Repository& repository);

}  // namespace prism::health
