#pragma once

#include <filesystem>
#include <memory>

#include <prism/backup/scratch_target.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>

namespace prism::files {

/// A temporary folder below `folder` (empty: $TMPDIR). What is restored into it is held against the
/// archive entry by entry: kind, mode, time, content.
PRISM_API std::unique_ptr<backup::ScratchTarget> make_scratch_folder(
    const std::filesystem::path& folder, const Cancel& cancel);

}  // namespace prism::files
