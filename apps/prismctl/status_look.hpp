#pragma once

#include <optional>
#include <string>
#include <vector>

#include <prism/health/backup_report.hpp>
#include <prism/health/look.hpp>
#include <prism/health/store_report.hpp>

#include "session.hpp"
#include "wal_look.hpp"

namespace prismctl {

/// What `status` looks at, and how closely.
struct LookOptions {
  std::vector<std::string> names;  ///< of targets; empty: all there is
  bool deep = false;
  std::vector<std::string> warn = {};      ///< METRIC=NUMBER, stronger than those of the settings
  std::vector<std::string> critical = {};  ///< the same
};

/// What `status` has found.
struct SystemState {
  std::vector<prism::health::Observation> targets;        ///< by name
  std::optional<prism::health::StoreReport> store;        ///< nothing: there is none, or not asked
  std::optional<prism::health::BackupReport> backups;     ///< nothing: not asked
  std::vector<WalReport> wal;                             ///< of those that have any
  prism::health::Reading system;                          ///< metrics of store, cache and backups
  std::vector<std::string> problems;                      ///< of all of them
  prism::health::State state = prism::health::State::ok;  ///< the worst
};

/// The backups; one that can't be reached is a problem of theirs.
prism::health::BackupReport report_repository(Session& session);

/// Looks at all side by side. Throws Error(usage) for a name that no target has, Error(unknown)
/// where there is nothing at all.
SystemState look_at_system(Session& session, const LookOptions& options);

}  // namespace prismctl
