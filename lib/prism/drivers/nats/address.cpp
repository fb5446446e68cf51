#include <algorithm>
#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/nats/address.hpp>

namespace prism::nats {
namespace {

constexpr std::uint16_t kPort = 4222;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::configuration, "the NATS URL: " + what,
              "examples: nats://user:password@host:4222, tls://token@host, nats://h1,h2,h3");
}

std::uint16_t port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    refuse("port " + in_quotes(text) + " is not between 1 and 65535");
  }
  return port;
}

Endpoint endpoint_of(std::string_view text) {
  Endpoint endpoint{.port = kPort};
  const bool is_bracketed = text.starts_with('[');
  const auto end = is_bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) refuse("host " + in_quotes(text) + " has no ]");
  endpoint.host = is_bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  if (endpoint.host.empty()) refuse("a host name is missing");
  text.remove_prefix(is_bracketed ? end + 1 : end);
  if (text.empty()) return endpoint;
  if (!text.starts_with(':')) refuse("a port was expected, found " + in_quotes(text));
  endpoint.port = port_of(text.substr(1));
  return endpoint;
}

/// One name alone is a token, as the servers' own clients have it.
void read_user(std::string_view info, Address& address) {
  if (!address.user.empty() || !address.token.empty()) return;
  const auto colon = info.find(':');
  if (colon == std::string_view::npos) {
    address.token = config::percent_decoded(info);
  } else {
    address.user = config::percent_decoded(info.substr(0, colon));
    address.password = config::percent_decoded(info.substr(colon + 1));
  }
}

/// `nats://` or `tls://`, which it takes away; without one, as it was before.
void read_scheme(std::string_view& text, Address& address) {
  const auto end = text.find("://");
  if (end == std::string_view::npos) return;
  const std::string scheme = lower_case(text.substr(0, end));
  if (scheme != "nats" && scheme != "tls") {
    refuse("nats:// or tls:// was expected, found " + in_quotes(scheme + "://"));
  }
  address.tls = address.tls || scheme == "tls";
  text.remove_prefix(end + 3);
}

/// The last @ ends the password, which may hold another that nobody encoded.
void read_server(std::string_view text, Address& address) {
  read_scheme(text, address);
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    read_user(text.substr(0, at), address);
    text.remove_prefix(at + 1);
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?#") != std::string_view::npos) {
    refuse("nothing was expected behind the host and its port");
  }
  address.endpoints.push_back(endpoint_of(text));
}

/// Whether a comma ends a server: one within a password does not.
bool ends_server(std::string_view rest) {
  const auto scheme = rest.find("://");
  const auto at = rest.find('@');
  return at == std::string_view::npos || (scheme != std::string_view::npos && scheme < at);
}

}  // namespace

Address parse_address(const std::string& url) {
  Address address;
  std::string_view rest = url;
  for (std::size_t from = 0;;) {
    const auto comma = rest.find(',', from);
    if (comma != std::string_view::npos && !ends_server(rest.substr(comma + 1))) {
      from = comma + 1;
      continue;
    }
    read_server(trimmed(rest.substr(0, comma)), address);
    if (comma == std::string_view::npos) return address;
    rest.remove_prefix(comma + 1);
    from = 0;
  }
}

std::string Address::text() const {
  std::string text = tls ? "tls://" : "nats://";
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    text += (i == 0 ? "" : ",") + endpoints[i].text();
  }
  return text;
}

}  // namespace prism::nats
