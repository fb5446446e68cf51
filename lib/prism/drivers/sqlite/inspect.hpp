#pragma once

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/drivers/sqlite/database.hpp>

namespace prism::sqlite {

/// The rows of all tables but virtual ones, whose modules need not be here; what they keep is in
/// tables of their own.
backup::Counts counts_of(Database& database);

/// Looks a file through that nobody changes: SQLite's quick_check, and the rows of each table.
/// Throws DamagedError(bad_data). What a program has taught SQLite for itself, such as a collation
/// or a function in an index, isn't known here: what can't be checked without it, and what breaks
/// rules of the program alone, is a remark.
backup::Content inspect(const std::filesystem::path& file, const Cancel& cancel);

}  // namespace prism::sqlite
