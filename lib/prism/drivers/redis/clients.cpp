#include <vector>

#include <prism/drivers/redis/clients.hpp>

namespace prism::redis {
namespace {

/// A field of a line of CLIENT LIST: `id=3 addr=… name=…`.
std::string_view field_of(std::string_view line, std::string_view field) {
  const std::string wanted = " " + std::string(field) + "=";
  const std::size_t at = line.starts_with(wanted.substr(1)) ? 0 : line.find(wanted) + 1;
  if (at == 0 && !line.starts_with(wanted.substr(1))) return {};
  line.remove_prefix(at + field.size() + 1);
  return line.substr(0, line.find(' '));
}

std::vector<std::string> ids_of(std::string_view clients, const std::string& name) {
  std::vector<std::string> ids;
  while (!clients.empty()) {
    const auto end = std::min(clients.find('\n'), clients.size());
    const std::string_view line = clients.substr(0, end);
    if (field_of(line, "name") == name) ids.emplace_back(field_of(line, "id"));
    clients.remove_prefix(std::min(end + 1, clients.size()));
  }
  return ids;
}

}  // namespace

void name_connection(Connection& connection, const std::string& name) {
  connection.ask({"CLIENT", "SETNAME", name});
}

Connected is_connected(Connection& server, const std::string& name) {
  const auto reply = server.ask({"CLIENT", "LIST"});
  if (reply->is_error()) return Connected::not_told;
  return ids_of(reply->text, name).empty() ? Connected::no : Connected::yes;
}

void disconnect(Deployment& servers, const std::string& name) {
  for (std::size_t i = 0; i < servers.topology().primaries.size(); ++i) {
    Connection& server = servers.primary(i);
    const auto reply = server.ask({"CLIENT", "LIST"});
    if (reply->is_error()) continue;
    for (const std::string& id : ids_of(reply->text, name)) {
      server.ask({"CLIENT", "KILL", "ID", id});
    }
  }
}

}  // namespace prism::redis
