#pragma once

#include <filesystem>

#include <prism/base/files.hpp>

namespace prism {

/// A temporary file without a name, gone once it is closed. `folder`: empty is $TMPDIR.
FileDescriptor nameless_file(const std::filesystem::path& folder);

}  // namespace prism
