#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include <prism/drivers/redis/connection.hpp>
#include <prism/drivers/redis/keys.hpp>

namespace prism::redis {

/// Which servers hold the keys.
struct PRISM_API Topology {
  struct Primary {
    Endpoint endpoint;
    bool replicated = false;  ///< a replica is known that may take its place
  };

  std::vector<Primary> primaries;
  std::vector<std::uint16_t> owners;  ///< of each slot: an index of primaries; empty: the only one
  std::vector<Endpoint> others;       ///< replicas, who know the cluster too

  std::size_t owner(std::uint16_t slot) const { return owners.empty() ? 0 : owners[slot]; }
};

/// What it takes to ask servers.
struct Asking {
  const Login& login;
  std::chrono::milliseconds wait;  ///< for servers that can't be reached yet
  Log& log;
  const Cancel& cancel;
};

/// Asks the servers of an address, and `known` besides. Throws what connecting does;
/// Error(unavailable) where no primary is known, or slots are served by nobody; and
/// Error(configuration) where the servers are not what the URL says.
Topology find_topology(const Address& address, const std::vector<Endpoint>& known,
                       const Asking& asking);

/// The primary that a Sentinel names, checked by its ROLE.
Topology ask_sentinels(const Address& address, const Asking& asking);

/// The slot map of a Redis Cluster, by CLUSTER SLOTS.
Topology ask_cluster(const std::vector<Endpoint>& nodes, const Asking& asking);

/// Reads the answer to CLUSTER SLOTS, which `asked` gave.
PRISM_API Topology read_slots(const Reply& reply, const Endpoint& asked);

}  // namespace prism::redis
