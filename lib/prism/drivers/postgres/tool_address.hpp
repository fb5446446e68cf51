#pragma once

#include <map>
#include <string>

#include <prism/base/export.hpp>
#include <prism/drivers/postgres/address.hpp>

namespace prism::postgres {

/// The database that an address leads to, by libpq's own defaults where it names none.
PRISM_API std::string database_of(const Address& address);

/// The same server and user, another database, and, where it isn't empty, that password: one found
/// in a password file need not be there for the other database.
PRISM_API Address in_database(const Address& address, const std::string& database,
                              const std::string& password);

/// How pg_dump and the like are told where to connect. Everyone may see their arguments.
struct ToolAddress {
  std::string argument;                            ///< `--dbname=…`, without secrets
  std::map<std::string, std::string> environment;  ///< the password, and plain English
};

/// Throws Error(configuration) for a secret that the environment can't carry.
PRISM_API ToolAddress tool_address(const Address& address);

}  // namespace prism::postgres
