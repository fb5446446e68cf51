#pragma once

#include <optional>

#include <prism/drivers/sqlite/database.hpp>
#include <prism/store/store.hpp>

namespace prism::sqlite {

/// The schema of the store in this file; throws Error for a file of another program.
store::Schema read_schema(Database& database);

/// Throws Error(refused) unless the file is empty or one of ours.
void require_ours(Database& database);

/// Writes the mark that require_ours looks for. Part of the caller's transaction.
void mark_as_ours(Database& database);

/// From now on readers see a whole state while a load or a rebuild goes on (write-ahead logging). A
/// new store goes without until its first load is stored: nothing is there to be read yet, and what
/// is loaded is written once instead of twice.
void enable_readers(Database& database);

/// As FactStore::migrate, in one transaction.
void migrate(Database& database, std::optional<store::Version> to);

/// Throws Error(configuration) unless the schema is the newest.
void require_newest(Database& database);

}  // namespace prism::sqlite
