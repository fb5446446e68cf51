#pragma once

#include <cstddef>
#include <optional>
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

/// What a policy keeps of `backups`, the oldest first. It counts complete ones, dumps and physical
/// copies each for themselves. Kept whatever it
/// says: what is pinned; the newest good artifact of every target, which is in none that the last
/// of `proofs` (the oldest first) found bad; an incomplete backup until a complete one follows; a
/// safety copy for a week; one that is damaged; a partial one that is under way or younger than a
/// day; and every complete one while the newest backup has failed. Throws Error(usage) for a policy
/// that names nothing or only zeros.
PRISM_API std::vector<Decision> decide(const std::vector<Backup>& backups, const Policy& policy,
                                       std::chrono::system_clock::time_point now,
                                       const std::vector<KeptProof>& proofs = {});

/// The newest backup, safety copies aside, where it has failed; else null.
PRISM_API const Backup* newest_that_failed(const std::vector<Backup>& backups);

}  // namespace prism::backup
