#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/endpoint.hpp>
#include <prism/config/url.hpp>

namespace prism::config {
namespace {

[[noreturn]] void refuse(const std::string& url) {
  const std::string scheme = scheme_of(url);
  throw Error(ErrorCode::configuration,
              in_quotes(without_password(url)) + ": expected " + scheme + "://HOST:PORT");
}

}  // namespace

Endpoint endpoint_of_url(const std::string& url) {
  const auto slashes = url.find("://");
  if (slashes == std::string::npos) refuse(url);
  std::string_view rest = std::string_view(url).substr(slashes + 3);
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.rfind(':');
  if (colon == std::string_view::npos) refuse(url);
  const std::string_view port = rest.substr(colon + 1);
  std::string_view host = rest.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  Endpoint endpoint{.host = std::string(host)};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  const bool is_port = error == std::errc() && end == port.data() + port.size();
  if (host.empty() || host.find_first_of("@[]?#") != host.npos || !is_port || endpoint.port == 0) {
    refuse(url);
  }
  return endpoint;
}

}  // namespace prism::config
