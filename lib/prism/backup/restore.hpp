#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <prism/backup/make_backup.hpp>
#include <prism/backup/verify.hpp>

namespace prism::backup {

struct RestoreOptions {
  bool force = false;       ///< overwrites what is there
  bool dry_run = false;     ///< checks the backup and the targets, and touches nothing
  bool safety_copy = true;  ///< of what is overwritten, as a backup of its own
  ReadOptions read = {};
  MakeOptions safety = {};  ///< how that one is made
};

/// What a restore does, or would do, to one target.
struct RestoredTarget {
  std::string name;
  std::string kind;
  std::string location;
  std::optional<Content> before;  ///< what it overwrites; nothing: it overwrites nothing
  Content after;                  ///< what the backup holds
  std::optional<std::string> unfinished = {};  ///< words on an earlier restore, cut off, to finish
  std::string trouble = {};  ///< afterwards: why it doesn't seem well; empty: it is
};

struct Restored {
  std::string id;
  std::string safety_copy;  ///< the id of the backup of what was overwritten; empty: none
  std::vector<RestoredTarget> targets;
  std::string after_error = {};  ///< why a hook afterwards failed; empty: none did
};

/// Puts targets in the state of a backup, each by its name in there. All of the backup that is
/// needed is read first, and nothing is touched where it is damaged (Error(critical)), or where a
/// target holds something and `force` is not set (Error(refused)), unless that is what a restore
/// that was cut off has left. Afterwards each must hold as much as the manifest says
/// (Error(critical)). Hooks are run around it all. The caller holds the lock of the repository.
PRISM_API Restored restore(repository::Repository& repository, const Backup& backup,
                           std::span<NamedComponent> targets, const RestoreOptions& options,
                           const ComponentOfKind& component_of_kind, Context& context);

}  // namespace prism::backup
