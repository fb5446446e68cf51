#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <prism/backup/catalog.hpp>

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

/// What a policy keeps of `backups`, the oldest first. It counts complete ones. Kept whatever it
/// says: what is pinned; the newest good artifact of every target; an incomplete backup until a
/// complete one follows; a safety copy for a week; one that is damaged; a partial one that is
/// younger than a day, for it may be under way. Throws Error(usage) for a policy that names nothing
/// or only zeros.
PRISM_API std::vector<Decision> decide(const std::vector<Backup>& backups, const Policy& policy,
                                       std::chrono::system_clock::time_point now);

}  // namespace prism::backup
