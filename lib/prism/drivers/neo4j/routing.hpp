#pragma once

#include <chrono>
#include <vector>

#include <prism/base/socket.hpp>
#include <prism/drivers/neo4j/query.hpp>

namespace prism::neo4j {

/// Which servers of a cluster do what, for a while.
struct PRISM_API RoutingTable {
  using Clock = std::chrono::steady_clock;

  std::vector<Endpoint> routers;
  std::vector<Endpoint> readers;
  std::vector<Endpoint> writers;
  Clock::time_point expires;

  /// Those that a query of that mode may go to.
  const std::vector<Endpoint>& servers(AccessMode mode) const {
    return mode == AccessMode::read ? readers : writers;
  }
};

/// From the answer to ROUTE. Throws Error(io) where it is none.
PRISM_API RoutingTable read_routing_table(const Map& answer);

}  // namespace prism::neo4j
