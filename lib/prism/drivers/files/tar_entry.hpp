#pragma once

#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {

/// What libarchive found. Throws Error(bad_data) for what is not one of the kinds, and for names
/// that lead out of the root or are the temporary one.
TarEntry entry_of(archive_entry* found);

}  // namespace prism::files
