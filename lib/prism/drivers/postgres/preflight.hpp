#pragma once

#include <string>
#include <vector>

#include <prism/drivers/postgres/component.hpp>
#include <prism/drivers/postgres/database_record.hpp>
#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {

/// What has to be there before anything is touched: every extension, tablespace and role
/// that the archive names. Throws Error(configuration) that names those which are not.
void require_what_is_named(Session& session, const DatabaseRecord& record,
                           const ComponentOptions& options);

/// The rights to create a database and to rename the one that is there. Throws Error(permission)
/// with a hint to --in-place.
void require_rights(Session& maintenance, const std::string& database);

/// What keeps a database from being dropped.
struct Holds {
  std::vector<std::string> prepared;       ///< transactions, by their identifiers
  std::vector<std::string> slots;          ///< of logical replication
  std::vector<std::string> subscriptions;  ///< to other servers
  bool empty() const { return prepared.empty() && slots.empty() && subscriptions.empty(); }
};

Holds find_holds(Session& maintenance, const std::string& database);

/// Throws Error(refused) that names them.
void require_no_holds(const Holds& holds, const std::string& database);

/// Ends them, in the database itself; what is done is logged. Throws Failure.
void release(const Holds& holds, Server& server, const Cancel& cancel, Log& log);

}  // namespace prism::postgres
