#pragma once

#include <filesystem>
#include <memory>

#include <prism/backup/scratch_target.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>

namespace prism::sqlite {

/// An SQLite file in a temporary folder below `folder` (empty: $TMPDIR). What is restored into it
/// is held against the stored file byte by byte.
std::unique_ptr<backup::ScratchTarget> make_scratch_file(const std::filesystem::path& folder,
                                                         Log& log, const Cancel& cancel);

}  // namespace prism::sqlite
