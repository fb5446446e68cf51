#include <algorithm>

#include <prism/base/backoff.hpp>
#include <prism/drivers/redis/topology.hpp>

namespace prism::redis {
namespace {

Topology ask(const Address& address, const std::vector<Endpoint>& nodes, const Asking& asking) {
  switch (address.form) {
    case Form::sentinel:
      return ask_sentinels(address, asking);
    case Form::cluster:
      return ask_cluster(nodes, asking);
    case Form::single:
      break;
  }
  return {.primaries = {{address.endpoints.front()}}, .owners = {}, .others = {}};
}

}  // namespace

Topology find_topology(const Address& address, const std::vector<Endpoint>& known,
                       const Asking& asking) {
  std::vector<Endpoint> nodes = known;
  nodes.insert(nodes.end(), address.endpoints.begin(), address.endpoints.end());
  Backoff backoff(asking.wait, asking.cancel);
  for (;;) {
    try {
      return ask(address, nodes, asking);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::unavailable || !backoff.pause()) throw;
    }
  }
}

}  // namespace prism::redis
