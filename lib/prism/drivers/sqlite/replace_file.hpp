#pragma once

#include <filesystem>

#include <prism/base/log.hpp>

namespace prism::sqlite {

/// Puts `copy`, in the same folder, in the place of a database that is damaged, or of none:
/// durably, with the owner and mode of the old one. What SQLite keeps beside that goes before: it
/// would be played into the new one. Nothing that could be had is lost by it, also when we are
/// killed in between: SQLite plays a journal back before it finds a file damaged.
///
/// Nobody may have the old file open: he would go on with it. Throws Error(locked) that names the
/// process which has, or which holds a lock on it; no lock can be taken until it is replaced.
/// Processes of others whose open files we may not look at are warned of.
void replace_file(const std::filesystem::path& copy, const std::filesystem::path& file, Log& log);

}  // namespace prism::sqlite
