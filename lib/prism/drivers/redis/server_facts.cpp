#include <algorithm>
#include <charconv>
#include <chrono>

#include <prism/drivers/redis/room.hpp>
#include <prism/drivers/redis/server_facts.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {
namespace {

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// `db0:keys=3,expires=1,avg_ttl=0`
void read_database(std::string_view line, std::map<std::uint64_t, std::uint64_t>& keys) {
  const auto equals = line.find(":keys=");
  if (!line.starts_with("db") || equals == std::string_view::npos) return;
  keys[number_of(line.substr(2))] = number_of(line.substr(equals + 6));
}

}  // namespace

std::string info_text(Connection& server) { return server.call({"INFO"})->text; }

std::map<std::uint64_t, std::uint64_t> keys_by_database(std::string_view info) {
  std::map<std::uint64_t, std::uint64_t> keys;
  while (!info.empty()) {
    const auto end = std::min(info.find('\n'), info.size() - 1);
    read_database(info.substr(0, end), keys);
    info.remove_prefix(end + 1);
  }
  return keys;
}

std::set<std::string> libraries_of(Connection& server) {
  const auto reply = server.ask({"FUNCTION", "LIST"});
  if (reply->text.starts_with("ERR unknown command")) return {};
  if (reply->is_error()) throw trouble(reply->text, server.where());
  std::set<std::string> names;
  for (const auto& library : reply->items) {
    for (std::size_t i = 0; i + 1 < library->items.size(); i += 2) {
      if (library->item_text(i) == "library_name") names.emplace(library->item_text(i + 1));
    }
  }
  return names;
}

std::int64_t time_of(Connection& server) {
  using namespace std::chrono;
  const auto reply = server.ask({"TIME"});
  if (reply->items.size() < 2) {
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }
  return static_cast<std::int64_t>(number_of(reply->item_text(0)) * 1000 +
                                   number_of(reply->item_text(1)) / 1000);
}

Login patient(const Login& login) {
  constexpr std::chrono::milliseconds kLong{60'000};
  Login other = login;
  // None at all is longer.
  if (other.socket.timeout.count() > 0)
    other.socket.timeout = std::max(kLong, login.socket.timeout);
  return other;
}

std::uint64_t evicted_keys(Deployment& servers) {
  std::uint64_t keys = 0;
  for (std::size_t i = 0; i < servers.topology().primaries.size(); ++i) {
    keys += number_of(info_field(info_text(servers.primary(i)), "evicted_keys"));
  }
  return keys;
}

void require_no_moving_slots(Deployment& servers) {
  for (std::size_t i = 0; i < servers.topology().primaries.size(); ++i) {
    Connection& server = servers.primary(i);
    const auto reply = server.ask({"CLUSTER", "NODES"});
    // `[93-<-…]` and `[77->-…]`, of itself alone.
    if (reply->is_error() || reply->text.find(" [") == std::string::npos) continue;
    throw Error(ErrorCode::unavailable, server.where() + ": slots of the Cluster are being moved",
                "see redis-cli --cluster check; try again once they have come to rest");
  }
}

void require_no_cluster_node(Connection& server) {
  const auto reply = server.ask({"INFO", "cluster"});
  if (info_field(reply->text, "cluster_enabled") != "1") return;
  throw trouble("ERR SELECT is not allowed in cluster", server.where());
}

}  // namespace prism::redis
