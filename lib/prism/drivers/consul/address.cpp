#include <charconv>
#include <cstdint>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/consul/address.hpp>

namespace prism::consul {
namespace {

[[noreturn]] void refuse(const std::string& url, const std::string& why) {
  throw Error(ErrorCode::configuration, in_quotes(config::without_password(url)) + ": " + why,
              "expected consul://HOST[:8500] or consul+https://HOST[:8501]; a token stands in "
              "CONSUL_HTTP_TOKEN");
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0;
}

bool is_host(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  constexpr std::string_view kOfAddress = "0123456789abcdefABCDEF:.";
  if (!text.starts_with('[')) return !text.empty() && text.find_first_not_of(kAllowed) == text.npos;
  return text.ends_with(']') && text.find_first_not_of(kOfAddress, 1) == text.size() - 1;
}

}  // namespace

std::string Address::text() const { return (tls ? "consul+https://" : "consul://") + server; }

std::string Address::url(const std::string& path) const {
  return (tls ? "https://" : "http://") + server + path;
}

Address parse_address(const std::string& url) {
  const std::string scheme = config::scheme_of(url);
  Address address{scheme == "consul+https", {}};
  if (!address.tls && scheme != "consul") refuse(url, "this is no address of Consul");
  constexpr std::string_view kSlashes = "://";
  std::string_view rest = std::string_view(url).substr(scheme.size());
  if (!rest.starts_with(kSlashes)) refuse(url, "a host is missing");
  rest.remove_prefix(kSlashes.size());
  if (rest.find('@') != rest.npos) refuse(url, "a user was not expected");
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const auto behind_address = rest.rfind(']');
  const auto colon = rest.rfind(':');
  const bool has_port =
      colon != rest.npos && (behind_address == rest.npos || colon > behind_address);
  const std::string_view host = has_port ? rest.substr(0, colon) : rest;
  const std::string_view port = has_port ? rest.substr(colon + 1) : address.tls ? "8501" : "8500";
  if (!is_host(host)) refuse(url, "this is no host");
  if (!is_port(port)) refuse(url, "this is no port");
  address.server = std::string(host) + ":" + std::string(port);
  return address;
}

}  // namespace prism::consul
