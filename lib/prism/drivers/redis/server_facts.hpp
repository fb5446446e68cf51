#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <prism/drivers/redis/deployment.hpp>

namespace prism::redis {

/// What INFO says. Throws Error(permission) where the user may not ask.
std::string info_text(Connection& server);

/// How many keys each database of a server holds, by what INFO says; those that hold none are left
/// out.
std::map<std::uint64_t, std::uint64_t> keys_by_database(std::string_view info);

/// The function libraries of a server; none of one before Redis 7.0.
std::set<std::string> libraries_of(Connection& server);

/// Milliseconds since 1970 by the server's clock; by ours where the user may not ask.
std::int64_t time_of(Connection& server);

/// For answers that take a while, such as to a value of hundreds of megabytes.
Login patient(const Login& login);

/// How many keys the servers have given up for want of memory, ever.
std::uint64_t evicted_keys(Deployment& servers);

/// Throws Error(unavailable) where a node of a Cluster moves slots, whose keys would be found on
/// both sides or on none. Who may not ask is let go on.
void require_no_moving_slots(Deployment& servers);

/// Throws Error(configuration) for a node of a Cluster, which holds but a part of the keys, where
/// the server was named alone. Who may not ask is let go on.
void require_no_cluster_node(Connection& server);

}  // namespace prism::redis
