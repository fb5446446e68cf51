#pragma once

#include <memory>
#include <string>

#include <prism/setup/user_table.hpp>

#include "session.hpp"

namespace prismctl {

/// The database that holds the system's users: the one named, else users.target, else `auth`, else
/// the only target in PostgreSQL or SQLite, else the fact store. Throws Error(usage) for a name
/// that is none, Error(configuration) where it can't be told.
prism::config::Target users_target(const Session& session, const std::string& named);

/// Opens the table in it.
std::unique_ptr<prism::setup::UserTable> open_users(const prism::config::Target& target,
                                                    prism::Access access, Session& session);

}  // namespace prismctl
