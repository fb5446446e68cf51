#pragma once

#include <set>
#include <string>
#include <vector>

#include <prism/backup/catalog.hpp>
#include <prism/base/cancel.hpp>
#include <prism/repository/repository.hpp>

namespace prism::drivers {

/// Whether it is a place in the WAL of PostgreSQL: `1/6B3A7F8`.
PRISM_API bool is_lsn(const std::string& text);
/// Both must be places.
PRISM_API bool is_before(const std::string& a, const std::string& b);

/// How far the archived WAL goes on behind a copy, on its timeline and those that follow it.
struct WalReach {
  std::string last;     ///< segment; empty: not even the one in which the copy ends is there
  std::string end_lsn;  ///< behind it
  std::string gap;      ///< words on what is missing there though more follows; empty: nothing
};
PRISM_API WalReach wal_reach(repository::Repository& repository, const backup::Physical& physical,
                             const Cancel& cancel);

/// What of the WAL, and of the blocks, no backup needs.
struct Unneeded {
  std::size_t wal_files = 0, packs = 0;
  std::uint64_t bytes = 0;  ///< that are stored of them
};

/// Removes (`dry_run`: counts) the blocks that none of `kept` has, and, of every cluster of which
/// there is a copy among them, the WAL from before the oldest. The WAL of other clusters stays: a
/// first copy may be on its way. A backup that is damaged may need anything: then nothing is
/// removed. A partial one that is younger than a day may be under way: then no blocks are. The
/// caller holds the lock of the repository.
PRISM_API Unneeded remove_unneeded(repository::Repository& repository,
                                   const std::vector<const backup::Backup*>& kept, bool dry_run,
                                   const Cancel& cancel);

}  // namespace prism::drivers
