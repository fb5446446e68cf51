#pragma once

#include <memory>

#include <prism/drivers/sqlite/database.hpp>
#include <prism/setup/user_table.hpp>

namespace prism::sqlite {

/// The users in an SQLite file, which must be there unless the access is to create it: else
/// Error(input_missing).
std::unique_ptr<setup::UserTable> open_user_table(Options options, const Cancel& cancel);

}  // namespace prism::sqlite
