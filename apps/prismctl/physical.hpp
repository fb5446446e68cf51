#pragma once

#include <string>
#include <vector>

#include <prism/backup/catalog.hpp>
#include <prism/backup/stored_artifacts.hpp>
#include <prism/drivers/wal.hpp>
#include <prism/repository/repository.hpp>

#include "session.hpp"

namespace prismctl {

// What physical copies of PostgreSQL ask for beside what all backups do.

/// As the settings say. The repository must outlive what is opened with them.
prism::drivers::PhysicalOptions physical_options(Session& session,
                                                 prism::repository::Repository& repository);

/// For a delta: the newest copy of a cluster that can be read here.
std::function<std::unique_ptr<prism::backup::ArtifactReader>(const std::string& system)>
earlier_copies(Session& session, prism::repository::Repository& repository);

/// Targets whose files are copied: those that are PostgreSQL. Throws Error(usage) where one that
/// was named is not, or there is none.
std::vector<prism::config::Target> clusters_among(std::vector<prism::config::Target> targets,
                                                  bool named);

/// How far a restore goes, as the flags say it; at most one of them.
struct RecoveryFlags {
  std::string time, lsn, name;
  std::string timeline = {};  ///< empty: the latest

  bool any() const { return !time.empty() || !lsn.empty() || !name.empty(); }
};

/// Throws Error(usage) for what is none, or more than one.
prism::Recovery parse_recovery(const RecoveryFlags& flags);

/// Whether a copy can be the beginning of such a recovery: it is of a moment before it.
bool reaches(const prism::backup::Backup& backup, const prism::Recovery& recovery);

/// The command by which a server that is restored asks for WAL: this program, with the same
/// repository.
std::string fetch_command(Session& session);

/// Where the repository is a bucket: names of what this run has of it by variables and flags, which
/// the server that runs the command may not have; `AWS_SECRET_ACCESS_KEY, …`.
std::string not_in_fetch_command(Session& session);

/// What there is of the WAL behind a copy, in words. Throws Error(input_missing) where a recovery
/// can't come to its end for the lack of it.
std::string require_wal(const prism::backup::TargetRecord& record, const prism::Recovery& recovery,
                        prism::repository::Repository& repository, const prism::Cancel& cancel);

}  // namespace prismctl
