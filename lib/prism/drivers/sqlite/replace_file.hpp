#pragma once

#include <filesystem>

namespace prism::sqlite {

/// Throws Error(locked) that names a process which has the file or one of its companions (`-wal`,
/// `-shm`, `-journal`) open. Sees those of this machine whose open files we may look at; others are
/// known by SQLite's locks on the file alone.
void require_open_nowhere(const std::filesystem::path& file);

}  // namespace prism::sqlite
