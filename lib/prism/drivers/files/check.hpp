#pragma once

#include <prism/drivers/files/tally.hpp>
#include <prism/drivers/files/tar_reader.hpp>

namespace prism::files {

/// Reads an archive to its end. Throws Error(bad_data) for what a restore could not take, such as
/// entries below a symbolic link of the same archive.
Tally check_archive(TarReader& tar);

}  // namespace prism::files
