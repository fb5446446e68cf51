#pragma once

#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

// What is done with an open file, which errors call `name`.

/// Writes all of it, however many calls that takes.
PRISM_API void write_all(int fd, std::string_view bytes, const std::string& name);

/// Makes durable what was written to a file, or the entries of a folder. Some file systems can't
/// sync a folder, where there is nothing more to be had.
PRISM_API void sync_descriptor(int fd, const std::string& name);

}  // namespace prism
