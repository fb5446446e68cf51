#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <prism/backup/catalog.hpp>
#include <prism/backup/proof.hpp>

namespace prism::backup {

/// What is kept, each beside the others. All empty: no policy, so that nothing is removed.
struct Policy {
  std::optional<std::size_t> last = {};     ///< so many of the newest
  std::optional<std::size_t> days = {};     ///< all of so many days before now
  std::optional<std::size_t> daily = {};    ///< the newest of each of so many days that have one
  std::optional<std::size_t> weekly = {};   ///< the same of ISO weeks
  std::optional<std::size_t> monthly = {};  ///< the same of months; all in UTC
};

struct Decision {
  const Backup* backup;
  bool keep;
  std::string why;
};

/// Backups that the last `verify` of them found bad, and no later report good. A restore test that
/// failed is none: what it found may be so in the database itself, and be copied as it is.
PRISM_API std::set<std::string> found_damaged(const std::vector<KeptProof>& proofs);

/// All packs of the physical ones among them, for which of these is damaged no report tells; but
/// for those that a backup has which was found good since.
PRISM_API std::set<std::string> doubtful_packs(repository::Repository& repository);

/// What a policy keeps of `backups`, the oldest first. It counts complete ones, dumps and physical
/// copies each for themselves. Kept whatever it
/// says: what is pinned; the newest good artifact of every target, which is in none that the last
/// of `proofs` (the oldest first) found bad (a physical copy that no report calls good, and that
/// has packs of one that verify found bad, is kept beside it, not in its place, and so is the bad
/// one, by which these packs are known); an incomplete backup until a complete one follows; a
/// safety copy for a week; one that is damaged; a partial one that is under way or younger than a
/// day; and every complete one while the newest backup has failed. Throws Error(usage) for a policy
/// that names nothing or only zeros.
PRISM_API std::vector<Decision> decide(const std::vector<Backup>& backups, const Policy& policy,
                                       std::chrono::system_clock::time_point now,
                                       const std::vector<KeptProof>& proofs = {});

/// The newest backup, safety copies aside, where it has failed; else null.
PRISM_API const Backup* newest_that_failed(const std::vector<Backup>& backups);

}  // namespace prism::backup
