#pragma once

#include <string>

#include <prism/drivers/redis/deployment.hpp>

namespace prism::redis {

enum class Connected { no, yes, not_told };

/// Names a connection after its rebuild; a user without that right goes without.
void name_connection(Connection& connection, const std::string& name);

/// Whether a connection of that name is open. Many users may not ask (CLIENT LIST): not told.
Connected is_connected(Connection& server, const std::string& name);

/// Closes the connections of that name on all servers, where we may.
void disconnect(Deployment& servers, const std::string& name);

}  // namespace prism::redis
