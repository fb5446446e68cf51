#pragma once

#include <filesystem>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/store/migration.hpp>

namespace prism::setup {

/// A system's own migrations: the numbered SQL files of a folder, by number. `001_x.sql` or
/// `001_x.up.sql` leads up, `001_x.down.sql` beside it back; `-` may stand for `_`. A migration
/// bears the name of the file that leads up. Numbers may be left out; other files and folders are
/// passed over.
///
/// Each is UTF-8 (a byte-order mark is dropped) of at most 16 MiB and can be run in a transaction
/// of ours. Throws Error(bad_data) that names the file and line where that isn't so, or for a
/// number that stands twice or not at all, and Error(input_missing) where there is no such file.
PRISM_API std::vector<store::Migration> read_migration_files(const std::filesystem::path& folder,
                                                             Log& log);

}  // namespace prism::setup
