#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/drivers/neo4j/address.hpp>
#include <prism/drivers/neo4j/routing.hpp>

namespace prism::neo4j {
namespace {

template <typename Type>
const Type& part(const Map& map, const char* key) {
  const Value* const value = map.find(key);
  const Type* const found = value == nullptr ? nullptr : value->get<Type>();
  if (found == nullptr) {
    throw Error(ErrorCode::io, std::string("the server's routing table has no ") + key);
  }
  return *found;
}

std::vector<Endpoint>* servers_of(RoutingTable& table, const std::string& role) {
  if (role == "READ") return &table.readers;
  if (role == "WRITE") return &table.writers;
  return role == "ROUTE" ? &table.routers : nullptr;
}

void add_servers(RoutingTable& table, const Map& servers) {
  std::vector<Endpoint>* const into = servers_of(table, part<std::string>(servers, "role"));
  if (into == nullptr) return;
  for (const Value& address : part<List>(servers, "addresses")) {
    if (const auto* const text = address.get<std::string>()) into->push_back(parse_endpoint(*text));
  }
}

}  // namespace

RoutingTable read_routing_table(const Map& answer) {
  const Map& content = part<Map>(answer, "rt");
  constexpr std::int64_t kLongest = 86'400;
  const std::int64_t seconds =
      std::clamp<std::int64_t>(part<std::int64_t>(content, "ttl"), 0, kLongest);
  RoutingTable table;
  table.expires = RoutingTable::Clock::now() + std::chrono::seconds(seconds);
  for (const Value& servers : part<List>(content, "servers")) {
    if (const Map* const map = servers.get<Map>()) add_servers(table, *map);
  }
  return table;
}

}  // namespace prism::neo4j
