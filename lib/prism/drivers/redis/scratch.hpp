#pragma once

#include <filesystem>
#include <memory>

#include <prism/backup/scratch_target.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>

namespace prism::redis {

/// A redis-server of its own, with its files below `folder` (empty: $TMPDIR). What was restored
/// into it key by key is held against what another one says that loads the stored file as it is.
PRISM_API std::unique_ptr<backup::ScratchTarget> make_scratch_server(
    const std::filesystem::path& folder, Log& log, const Cancel& cancel);

}  // namespace prism::redis
