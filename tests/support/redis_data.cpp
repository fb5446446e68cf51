#include "support/redis_data.hpp"

#include <set>
#include <stdexcept>

#include <prism/drivers/redis/hash_slot.hpp>

namespace prism::test {
namespace {

using redis::Reply;

/// One that must do what it is asked.
class Server {
 public:
  explicit Server(const std::string& url) : cli_(url) {}

  std::unique_ptr<Reply> operator()(redis::Connection::Words words) {
    auto reply = cli_(words);
    if (reply->is_error()) throw std::runtime_error(reply->text);
    return reply;
  }

 private:
  RedisCli cli_;
};

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return text;
}

/// Bytes that don't compress.
std::string noise(std::size_t size) {
  std::string bytes;
  for (std::uint32_t x = 12345; bytes.size() < size; x = x * 1664525 + 1013904223) {
    bytes += static_cast<char>(x >> 24);
  }
  return bytes;
}

void fill_strings(Server& server, const std::string& prefix) {
  const std::vector<std::string> values = {"",
                                           "7",
                                           "-129",
                                           "70000",
                                           "99999999999",
                                           "short",
                                           std::string(5000, 'a'),
                                           noise(20'000),
                                           std::string("\0\r\n\xff", 4)};
  for (std::size_t i = 0; i < values.size(); ++i) {
    server({"SET", prefix + "string:" + std::to_string(i), values[i]});
  }
  server({"PFADD", prefix + "loglog", "a", "b", "c"});
  server({"SETBIT", prefix + "bits", "70000", "1"});
}

void fill_lists_and_sets(Server& server, const std::string& prefix) {
  server({"DEBUG", "QUICKLIST-PACKED-THRESHOLD", "4096"});
  server({"RPUSH", prefix + "list:plain", "a", noise(5000), "b"});
  server({"RPUSH", prefix + "list:short", "1", "two", "3000000000"});
  for (int i = 0; i < 2000; ++i) {
    const std::string number = std::to_string(i);
    server({"RPUSH", prefix + "list:long", "element " + number});
    server({"SADD", prefix + "set:numbers", number});
    server({"SADD", prefix + "set:hash", "member " + number});
  }
  server({"SADD", prefix + "set:small", "1", "70000", "5000000000"});
}

void fill_zsets_and_hashes(Server& server, const std::string& prefix) {
  server({"ZADD", prefix + "zset:small", "1", "one", "-inf", "least", "2.5", "two"});
  server({"ZADD", prefix + "zset:large", "inf", "greatest", "-inf", "least"});
  server({"HSET", prefix + "hash:small", "field", "value", "number", "12"});
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    server({"ZADD", prefix + "zset:large", number + ".25", "member " + number});
    server({"HSET", prefix + "hash:large", "field " + number, number});
  }
  server({"HSET", prefix + "hash:large", "wide", noise(300)});
}

void fill_streams(Server& server, const std::string& prefix) {
  const std::string key = prefix + "stream";
  for (int i = 1; i <= 200; ++i) {
    server({"XADD", key, std::to_string(i) + "-1", "field", "value " + std::to_string(i)});
  }
  server({"XGROUP", "CREATE", key, "readers", "0"});
  server({"XREADGROUP", "GROUP", "readers", "anna", "COUNT", "20", "STREAMS", key, ">"});
  server({"XREADGROUP", "GROUP", "readers", "bert", "COUNT", "5", "STREAMS", key, ">"});
  server({"XACK", key, "readers", "3-1"});
  server({"XDEL", key, "7-1", "200-1"});
  server({"XGROUP", "CREATE", key, "idle", "$"});
}

void fill_odd_names(Server& server) {
  const std::string letters(300, 'k');
  for (const std::string& name : {std::string(), std::string("12"), std::string("-30000"),
                                  std::string("1234567"), letters, std::string("\0\xff\r\n", 4)}) {
    server({"SET", name, "under an odd name"});
  }
}

void fill_expiring(Server& server, const std::string& prefix) {
  server({"SET", prefix + "expires", "1", "PXAT", "4102444800123"});
  server({"HSET", prefix + "expires:hash", "a", "b"});
  server({"PEXPIREAT", prefix + "expires:hash", "4102444800456"});
}

/// The reply as text; what changes by itself is left out.
std::string text_of(const Reply& reply) {
  std::string text =
      reply.kind == Reply::Kind::integer ? std::to_string(reply.integer) : hex(reply.text);
  for (std::size_t i = 0; i < reply.items.size(); ++i) {
    if (reply.item_text(i).starts_with("radix-tree")) {
      ++i;
    } else {
      text += " (" + text_of(*reply.items[i]) + ")";
    }
  }
  return text;
}

std::string state_of_key(Server& server, const std::string& name) {
  std::string state = text_of(*server({"DEBUG", "DIGEST-VALUE", name})) + " " +
                      std::to_string(server({"PEXPIRETIME", name})->integer);
  if (server({"TYPE", name})->text == "stream") {
    state += text_of(*server({"XINFO", "STREAM", name, "FULL", "COUNT", "0"}));
  }
  return state;
}

/// Of those that hold any keys.
std::set<std::string> databases_of(Server& server) {
  std::set<std::string> databases;
  const std::string info = server({"INFO", "keyspace"})->text;
  for (auto at = info.find("\ndb"); at != std::string::npos; at = info.find("\ndb", at + 1)) {
    databases.insert(info.substr(at + 3, info.find(':', at) - at - 3));
  }
  return databases;
}

void add_state(const std::string& url, std::set<std::string>& lines) {
  Server server(url);
  for (const std::string& database : databases_of(server)) {
    if (database != "0") server({"SELECT", database});
    const auto names = server({"KEYS", "*"});
    for (const auto& name : names->items) {
      lines.insert(database + " " + hex(name->text) + " " + state_of_key(server, name->text));
    }
  }
  lines.insert(text_of(*server({"FUNCTION", "LIST", "WITHCODE"})));
}

}  // namespace

void fill_redis(const std::string& url, const std::string& prefix) {
  Server server(url);
  fill_strings(server, prefix);
  fill_lists_and_sets(server, prefix);
  fill_zsets_and_hashes(server, prefix);
  fill_streams(server, prefix);
  fill_odd_names(server);
  fill_expiring(server, prefix);
}

void fill_redis_cluster(const std::vector<std::string>& masters, std::size_t keys) {
  std::vector<std::unique_ptr<RedisCli>> servers;
  for (const std::string& url : masters) servers.push_back(std::make_unique<RedisCli>(url));
  for (std::size_t i = 0; i < keys; ++i) {
    const std::string name =
        i % 3 == 0 ? "user:{" + std::to_string(i) + "}:name" : std::to_string(i);
    bool taken = false;
    for (const auto& server : servers) {
      taken = taken || !(*server)({"SET", name, "value " + name})->is_error();
    }
    if (!taken) throw std::runtime_error("no node takes the key " + name);
  }
}

std::string redis_state(const std::vector<std::string>& urls) {
  std::set<std::string> lines;
  for (const std::string& url : urls) add_state(url, lines);
  std::string state;
  for (const std::string& line : lines) state += line + "\n";
  return state;
}

void empty_redis(const std::vector<std::string>& urls) {
  for (const std::string& url : urls) {
    Server server(url);
    server({"FLUSHALL"});
    server({"FUNCTION", "FLUSH"});
  }
}

std::vector<std::string> masters_of(const std::string& cluster_url) {
  std::vector<std::string> masters;
  for (const Endpoint& node : redis::parse_address(cluster_url).endpoints) {
    const std::string url = "redis://" + node.text();
    if (RedisCli(url)({"ROLE"})->item_text(0) == "master") masters.push_back(url);
  }
  return masters;
}

std::unique_ptr<backup::Component> redis_target(const std::string& url, Quiet& quiet, bool exact) {
  return redis::open_component({.address = redis::parse_address(url), .exact = exact}, quiet.log(),
                               quiet.cancel());
}

}  // namespace prism::test
