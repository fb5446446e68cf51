#pragma once

#include <prism/backup/catalog.hpp>
#include <prism/backup/proof.hpp>
#include <prism/backup/stored_artifacts.hpp>
#include <prism/backup/verify.hpp>
#include <prism/base/context.hpp>

namespace prism::backup {

/// Restores every target of a backup into a scratch target, and compares: the counts with those of
/// the manifest, the content with what is stored. A target for which there is no scratch target is
/// told as not tested. Nothing else is touched.
PRISM_API Verified test_restore(repository::Repository& repository, const Backup& backup,
                                const ScratchOfTarget& scratch_of_target,
                                const ReadOptions& options, Context& context);

}  // namespace prism::backup
