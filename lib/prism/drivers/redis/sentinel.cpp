#include <charconv>

#include <prism/base/text.hpp>
#include <prism/drivers/redis/topology.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

/// Sentinels mostly ask for no password; those that do are given that of the servers.
Connection enter_sentinel(const Endpoint& endpoint, const Asking& asking) {
  Login open = asking.login.in_database(0);
  open.user.clear();
  open.password.clear();
  Connection connection(endpoint, open, asking.cancel);
  if (connection.ask({"PING"})->error_name() != "NOAUTH") return connection;
  return {endpoint, asking.login.in_database(0), asking.cancel};
}

Endpoint named_by(Connection& sentinel, const std::string& master) {
  const auto reply = sentinel.call({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", master});
  if (reply->items.size() < 2) {
    throw Error(ErrorCode::configuration,
                sentinel.where() + ": this Sentinel knows no master " + in_quotes(master),
                "redis-cli SENTINEL MASTERS lists those that it knows");
  }
  Endpoint endpoint{.host = reply->items[0]->text};
  const std::string_view port = reply->item_text(1);
  std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  return endpoint;
}

/// A Sentinel may not have noticed yet that its master was replaced.
Topology checked(const Endpoint& endpoint, const Asking& asking) {
  Connection server =
      connect(endpoint, asking.login, std::chrono::milliseconds(0), asking.log, asking.cancel);
  const auto role = server.ask({"ROLE"});
  Topology topology{.primaries = {{endpoint}}, .owners = {}, .others = {}};
  if (role->error_name() == "NOPERM") return topology;
  if (role->is_error()) throw trouble(role->text, server.where());
  if (role->item_text(0) != "master") {
    throw Error(ErrorCode::unavailable,
                server.where() + ": the Sentinels' master is a replica just now",
                "a failover may be going on: try again, or wait for it with --wait SECONDS");
  }
  topology.primaries[0].replicated = role->items.size() > 2 && !role->items[2]->items.empty();
  return topology;
}

}  // namespace

Topology ask_sentinels(const Address& address, const Asking& asking) {
  for (std::size_t i = 0;; ++i) {
    try {
      Connection sentinel = enter_sentinel(address.endpoints[i], asking);
      return checked(named_by(sentinel, address.master), asking);
    } catch (const Error& e) {
      if (e.code() != ErrorCode::unavailable || i + 1 == address.endpoints.size()) throw;
    }
  }
}

}  // namespace prism::redis
