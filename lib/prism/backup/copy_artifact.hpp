#pragma once

#include <filesystem>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>

namespace prism::backup {

/// Writes an artifact into a file, durably, for what can't take it as a stream. Throws Error(io)
/// where there is no room for it.
PRISM_API void copy_artifact(ArtifactReader& artifacts, const std::string& name,
                             const std::filesystem::path& file, const Cancel& cancel);

}  // namespace prism::backup
