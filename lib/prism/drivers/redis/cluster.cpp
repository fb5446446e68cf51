#include <algorithm>
#include <limits>

#include <prism/drivers/redis/topology.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

constexpr std::uint16_t kNobody = std::numeric_limits<std::uint16_t>::max();

/// `[address, port, id, …]`; the address is empty or `?` where the node doesn't know its own.
Endpoint node_of(const Reply& reply, const Endpoint& asked) {
  if (reply.items.size() < 2 || reply.items[1]->integer < 1 || reply.items[1]->integer > 65535) {
    throw Error(ErrorCode::unavailable, asked.text() + ": CLUSTER SLOTS names a node without port");
  }
  const std::string& host = reply.items[0]->text;
  return {.host = host.empty() || host == "?" ? asked.host : host,
          .port = static_cast<std::uint16_t>(reply.items[1]->integer)};
}

std::uint16_t index_of(Topology& topology, const Endpoint& endpoint) {
  auto& primaries = topology.primaries;
  const auto found =
      std::find_if(primaries.begin(), primaries.end(),
                   [&](const Topology::Primary& one) { return one.endpoint == endpoint; });
  const auto index = static_cast<std::uint16_t>(found - primaries.begin());
  if (found == primaries.end()) primaries.push_back({endpoint});
  return index;
}

/// `[first, last, primary, replica…]`
void read_range(const Reply& range, const Endpoint& asked, Topology& topology) {
  if (range.items.size() < 3) return;
  const std::int64_t first = std::max<std::int64_t>(range.items[0]->integer, 0);
  const std::int64_t last = std::min<std::int64_t>(range.items[1]->integer, kSlots - 1);
  const std::uint16_t index = index_of(topology, node_of(*range.items[2], asked));
  for (std::int64_t slot = first; slot <= last; ++slot) {
    topology.owners[static_cast<std::size_t>(slot)] = index;
  }
  for (std::size_t i = 3; i < range.items.size(); ++i) {
    topology.primaries[index].replicated = true;
    topology.others.push_back(node_of(*range.items[i], asked));
  }
}

Topology ask_node(const Endpoint& node, const Asking& asking) {
  Connection connection(node, asking.login, asking.cancel);
  const auto reply = connection.ask({"CLUSTER", "SLOTS"});
  if (reply->text.starts_with("ERR This instance has cluster support disabled")) {
    throw Error(ErrorCode::configuration, node.text() + ": is not a node of a Redis Cluster",
                "a server by itself is named redis://host");
  }
  if (reply->is_error()) throw trouble(reply->text, node.text());
  return read_slots(*reply, node);
}

}  // namespace

Topology read_slots(const Reply& reply, const Endpoint& asked) {
  Topology topology;
  topology.owners.assign(kSlots, kNobody);
  for (const auto& range : reply.items) read_range(*range, asked, topology);
  const auto nobody = std::count(topology.owners.begin(), topology.owners.end(), kNobody);
  if (nobody == 0) return topology;
  throw Error(ErrorCode::unavailable,
              asked.text() + ": " + std::to_string(nobody) + " of " + std::to_string(kSlots) +
                  " slots of the cluster are served by nobody",
              "see redis-cli --cluster check");
}

Topology ask_cluster(const std::vector<Endpoint>& nodes, const Asking& asking) {
  for (std::size_t i = 0;; ++i) {
    try {
      return ask_node(nodes[i], asking);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::unavailable || i + 1 == nodes.size()) throw;
    }
  }
}

}  // namespace prism::redis
