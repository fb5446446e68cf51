#pragma once

#include <cstdint>
#include <set>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/repository/repository.hpp>

namespace prism::blocks {

struct Swept {
  std::size_t packs = 0;
  std::uint64_t bytes = 0;  ///< that were stored of them, with their indexes
};

/// Removes the packs that are not `needed` (their ids): the index first, so that one without a pack
/// is never there for longer than a crash. The caller keeps backups away, by the lock of the
/// repository. `dry_run`: only counts.
PRISM_API Swept remove_unneeded_packs(repository::Repository& repository,
                                      const std::set<std::string>& needed, bool dry_run,
                                      const Cancel& cancel);

}  // namespace prism::blocks
