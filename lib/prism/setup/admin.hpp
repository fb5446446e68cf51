#pragma once

#include <string>

#include <prism/base/log.hpp>
#include <prism/setup/user_table.hpp>

namespace prism::setup {

/// The first admin that a system is to have.
struct Admin {
  UserTable* users = nullptr;
  User user;
  std::string password_hash;  ///< empty: the user was there when that was asked
};

/// Makes the user unless one of that name is there, which stays as it is: one that is no admin or
/// not active is warned of. True: made now. Throws Error(refused) when another has the email.
PRISM_API bool ensure_admin(const Admin& admin, Log& log);

}  // namespace prism::setup
