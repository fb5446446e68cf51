#include <prism/drivers/neo4j/messages.hpp>
#include <prism/drivers/neo4j/packer.hpp>
#include <prism/drivers/neo4j/unpacker.hpp>

#ifndef PRISM_VERSION
#define PRISM_VERSION "0"
#endif

namespace prism::neo4j {
namespace {

constexpr const char* kProgram = "prismctl/" PRISM_VERSION;

Value texts(std::span<const std::string> all) {
  List list;
  for (const std::string& text : all) list.emplace_back(text);
  return list;
}

void add_login(Map& map, const Login& login) {
  const auto add = [&](const char* key, const std::string& value) {
    map.entries.push_back({key, value});
  };
  if (!login.token.empty()) {
    add("scheme", "bearer");
    add("credentials", login.token);
  } else if (!login.password.empty()) {
    add("scheme", "basic");
    add("principal", login.user);
    add("credentials", login.password);
  } else {
    add("scheme", "none");
  }
}

Map routing_context(const Endpoint& server) { return {{{"address", server.text()}}}; }

Map extras(const Begin& begin, const std::string& database) {
  Map map;
  if (begin.mode == AccessMode::read) map.entries.push_back({"mode", "r"});
  if (!begin.bookmarks.empty()) map.entries.push_back({"bookmarks", texts(begin.bookmarks)});
  if (!database.empty()) map.entries.push_back({"db", database});
  if (!begin.metadata.empty()) {
    map.entries.push_back({"tx_metadata", Unpacker(begin.metadata).map_value()});
  }
  return map;
}

std::string with_map(std::uint8_t tag, const Map& map) {
  std::string out;
  Packer packer(out);
  packer.structure(tag, 1);
  packer.value(map);
  return out;
}

}  // namespace

std::string plain_message(std::uint8_t tag) {
  std::string out;
  Packer(out).structure(tag, 0);
  return out;
}

std::string hello_message(Version version, const Login& login, const Endpoint& server) {
  Map map{{{"user_agent", kProgram}}};
  if (login.routed) map.entries.push_back({"routing", routing_context(server)});
  if (version < Version{5, 1}) add_login(map, login);
  if (version < Version{5, 0}) map.entries.push_back({"patch_bolt", List{"utc"}});
  if (version >= Version{5, 2}) map.entries.push_back({"notifications_minimum_severity", "OFF"});
  if (version >= Version{5, 3}) {
    map.entries.push_back({"bolt_agent", Map{{{"product", kProgram}}}});
  }
  return with_map(message::kHello, map);
}

std::string logon_message(const Login& login) {
  Map map;
  add_login(map, login);
  return with_map(message::kLogon, map);
}

std::string begin_message(const Begin& begin, const std::string& database) {
  return with_map(message::kBegin, extras(begin, database));
}

std::string run_head(std::string_view cypher) {
  std::string out;
  Packer packer(out);
  packer.structure(message::kRun, 3);
  packer.string(cypher);
  return out;
}

std::string run_extras(const Begin& begin, const std::string& database) {
  std::string out;
  Packer(out).value(extras(begin, database));
  return out;
}

std::string fetch_message(std::uint8_t tag, std::int64_t records) {
  return with_map(tag, Map{{{"n", records}}});
}

std::string route_message(const Endpoint& server, std::span<const std::string> bookmarks,
                          const std::string& database) {
  std::string out;
  Packer packer(out);
  packer.structure(message::kRoute, 3);
  packer.value(routing_context(server));
  packer.value(texts(bookmarks));
  packer.value(extras({}, database));
  return out;
}

}  // namespace prism::neo4j
