#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/redis/address.hpp>

namespace prism::redis {
namespace {

constexpr std::uint16_t kPort = 6379;
constexpr std::uint16_t kSentinelPort = 26379;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::configuration, "the Redis URL: " + what,
              "examples: redis://user:password@host:6379/0, rediss://host, unix:///path?db=1, "
              "redis+sentinel://h1,h2/master-name/0, redis+cluster://h1,h2,h3");
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// A percent sign that begins no code stands for itself: passwords often hold what nobody encoded.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool code = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                      hex_digit(text[i + 2]) >= 0;
    out += code ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
    if (code) i += 2;
  }
  return out;
}

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

unsigned database_of(std::string_view text) {
  const auto number = number_of<unsigned>(text);
  if (!number) {
    refuse("database " + in_quotes(text) + " is no number, such as 0");
  }
  return *number;
}

std::uint16_t port_of(std::string_view text) {
  const auto port = number_of<std::uint16_t>(text);
  if (!port || *port == 0) refuse("port " + in_quotes(text) + " is not between 1 and 65535");
  return *port;
}

Endpoint endpoint_of(std::string_view text, std::uint16_t default_port) {
  Endpoint endpoint{.port = default_port};
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) refuse("host " + in_quotes(text) + " has no ]");
    endpoint.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    if (!text.empty() && !text.starts_with(':')) {
      refuse("a port was expected behind the ], found " + in_quotes(text));
    }
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    endpoint.host = decoded(text.substr(0, colon));
    text.remove_prefix(colon);
  }
  if (endpoint.host.empty()) refuse("a host name is missing");
  if (!text.empty()) endpoint.port = port_of(text.substr(1));
  return endpoint;
}

/// The parts of a URL behind `scheme://`.
struct Parts {
  std::string_view user_info, hosts, path, query;
};

/// The last @ ends the password, which may hold another that nobody encoded; in `unix://` it is the
/// one before the path.
Parts split(std::string_view rest, bool is_path) {
  Parts parts;
  const auto at = is_path && rest.starts_with('/') ? std::string_view::npos
                  : is_path                        ? rest.find("@/")
                                                   : rest.rfind('@');
  if (at != std::string_view::npos) {
    parts.user_info = rest.substr(0, at);
    rest.remove_prefix(at + 1);
  }
  if (const auto mark = rest.find('?'); mark != std::string_view::npos) {
    parts.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  const auto slash = std::min(rest.find('/'), rest.size());
  parts.hosts = rest.substr(0, slash);
  parts.path = rest.substr(slash);
  return parts;
}

void read_user(std::string_view info, Address& address) {
  const auto colon = std::min(info.find(':'), info.size());
  address.user = decoded(info.substr(0, colon));
  if (colon < info.size()) address.password = decoded(info.substr(colon + 1));
}

void read_hosts(std::string_view hosts, Address& address) {
  const std::uint16_t port = address.form == Form::sentinel ? kSentinelPort : kPort;
  for (;;) {
    const auto comma = std::min(hosts.find(','), hosts.size());
    address.endpoints.push_back(endpoint_of(hosts.substr(0, comma), port));
    if (comma == hosts.size()) break;
    hosts.remove_prefix(comma + 1);
  }
  if (address.form == Form::single && address.endpoints.size() > 1) {
    refuse("several hosts need redis+cluster:// or redis+sentinel://");
  }
}

void read_database(std::string_view path, Address& address) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (!path.empty()) address.database = database_of(path);
}

void read_sentinel_path(std::string_view path, Address& address) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto slash = std::min(path.find('/'), path.size());
  address.master = decoded(path.substr(0, slash));
  if (address.master.empty()) refuse("the master's name is missing: …/master-name/0 was expected");
  read_database(path.substr(slash), address);
}

void read_query(std::string_view query, Address& address) {
  if (query.empty()) return;
  if (!query.starts_with("db=") || query.find('&') != std::string_view::npos) {
    refuse("?db=N is the only parameter that is known, found " +
           in_quotes(query.substr(0, query.find('='))));
  }
  address.database = database_of(query.substr(3));
}

}  // namespace

Address parse_address(const std::string& url) {
  const std::string scheme = config::scheme_of(url);
  const auto begin = url.find("://");
  if (begin == std::string::npos) refuse(scheme + ":// was expected");
  const bool is_path = scheme == "unix";
  const Parts parts = split(std::string_view(url).substr(begin + 3), is_path);
  Address address;
  address.tls = scheme.starts_with("rediss");
  if (scheme.ends_with("+cluster")) address.form = Form::cluster;
  if (scheme.ends_with("+sentinel")) address.form = Form::sentinel;
  read_user(parts.user_info, address);
  read_query(parts.query, address);
  if (is_path) {
    if (!parts.hosts.empty() || parts.path.size() < 2) refuse("unix:///path was expected");
    address.endpoints.push_back({.path = decoded(parts.path)});
    return address;
  }
  read_hosts(parts.hosts, address);
  if (address.form == Form::sentinel) {
    read_sentinel_path(parts.path, address);
  } else {
    read_database(parts.path, address);
  }
  if (address.form == Form::cluster && address.database != 0) {
    refuse("a Redis Cluster has database 0 alone, found " + std::to_string(address.database));
  }
  return address;
}

std::string Address::text() const {
  const std::string number = std::to_string(database);
  if (endpoints.front().host.empty()) {
    return "unix://" + endpoints.front().path.string() + (database == 0 ? "" : "?db=" + number);
  }
  std::string text = tls ? "rediss" : "redis";
  if (form == Form::cluster) text += "+cluster";
  if (form == Form::sentinel) text += "+sentinel";
  text += "://";
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    text += (i == 0 ? "" : ",") + endpoints[i].text();
  }
  if (form == Form::sentinel) text += "/" + master;
  return form == Form::cluster ? text : text + "/" + number;
}

}  // namespace prism::redis
