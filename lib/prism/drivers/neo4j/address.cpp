#include <algorithm>
#include <array>
#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/neo4j/address.hpp>

namespace prism::neo4j {
namespace {

constexpr std::uint16_t kPort = 7687;

struct Scheme {
  std::string_view name;
  bool routed;
  Encryption encryption;
};

constexpr std::array kSchemes{
    Scheme{"bolt", false, Encryption::none},
    Scheme{"bolt+s", false, Encryption::verified},
    Scheme{"bolt+ssc", false, Encryption::unverified},
    Scheme{"neo4j", true, Encryption::none},
    Scheme{"neo4j+s", true, Encryption::verified},
    Scheme{"neo4j+ssc", true, Encryption::unverified},
};

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::configuration, "the Neo4j URL: " + what,
              "examples: bolt://user:password@host:7687/database, bolt+s://host, neo4j://host");
}

const Scheme& scheme_of(const std::string& url) {
  const std::string name = config::scheme_of(url);
  const auto found = std::find_if(kSchemes.begin(), kSchemes.end(),
                                  [&](const Scheme& scheme) { return scheme.name == name; });
  if (found == kSchemes.end()) {
    refuse("bolt, bolt+s, bolt+ssc, neo4j, neo4j+s or neo4j+ssc was expected, found " +
           in_quotes(name));
  }
  return *found;
}

std::uint16_t port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    refuse("port " + in_quotes(text) + " is not between 1 and 65535");
  }
  return port;
}

/// Takes `[address]` or a name off the front.
std::string take_host(std::string_view& text) {
  if (!text.starts_with('[')) {
    const std::string_view name = text.substr(0, text.find(':'));
    text.remove_prefix(name.size());
    return config::percent_decoded(name);
  }
  const auto end = text.find(']');
  if (end == std::string_view::npos) refuse("host " + in_quotes(text) + " has no ]");
  const std::string host(text.substr(1, end - 1));
  text.remove_prefix(end + 1);
  return host;
}

void read_user(std::string_view info, Address& address) {
  const auto colon = std::min(info.find(':'), info.size());
  address.user = config::percent_decoded(info.substr(0, colon));
  if (colon < info.size()) address.password = config::percent_decoded(info.substr(colon + 1));
}

std::string database_of(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.find_first_of("/?") != std::string_view::npos) {
    refuse("the name of a database alone was expected behind the host, found " + in_quotes(path));
  }
  return config::percent_decoded(path);
}

}  // namespace

Endpoint parse_endpoint(std::string_view text) {
  Endpoint endpoint{.host = take_host(text), .port = kPort};
  if (endpoint.host.empty()) refuse("a host name is missing");
  if (text.empty()) return endpoint;
  if (!text.starts_with(':')) refuse("a port was expected behind the ], found " + in_quotes(text));
  endpoint.port = port_of(text.substr(1));
  return endpoint;
}

/// The last @ ends the password, which may hold another that nobody encoded.
Address parse_address(const std::string& url) {
  const Scheme& scheme = scheme_of(url);
  Address address;
  address.routed = scheme.routed;
  address.encryption = scheme.encryption;
  std::string_view rest = std::string_view(url).substr(scheme.name.size());
  if (!rest.starts_with("://")) refuse("// was expected behind the scheme");
  rest.remove_prefix(3);
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    read_user(rest.substr(0, at), address);
    rest.remove_prefix(at + 1);
  }
  const auto slash = std::min(rest.find_first_of("/?"), rest.size());
  address.endpoint = parse_endpoint(rest.substr(0, slash));
  address.database = database_of(rest.substr(slash));
  return address;
}

std::string Address::text() const {
  const auto scheme = std::find_if(kSchemes.begin(), kSchemes.end(), [&](const Scheme& one) {
    return one.routed == routed && one.encryption == encryption;
  });
  return std::string(scheme->name) + "://" + endpoint.text() +
         (database.empty() ? "" : "/" + config::percent_encoded(database));
}

}  // namespace prism::neo4j
