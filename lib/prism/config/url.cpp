#include <algorithm>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/config/url.hpp>

namespace prism::config {
namespace {

/// The length of `scheme` in `scheme:…` (RFC 3986 section 3.1), or 0 for a path. One letter alone
/// is no scheme.
std::size_t scheme_length(const std::string& url) {
  const auto colon = url.find(':');
  if (colon == std::string::npos || colon < 2) return 0;
  const std::string scheme = lower_case(url.substr(0, colon));
  constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz";
  constexpr const char* kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
  const bool valid = scheme.find_first_of(kLetters) == 0 &&
                     scheme.find_first_not_of(kAllowed) == std::string::npos;
  return valid ? colon : 0;
}

std::vector<std::string_view> parameters_of(std::string_view query) {
  std::vector<std::string_view> parameters;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    parameters.push_back(query.substr(0, end));
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return parameters;
}

/// A password in the query may hold a `?` that nobody encoded, and one of the user may look like a
/// parameter: every `?` and `&` is taken for the beginning of one.
std::string without_secret_parameters(std::string_view url) {
  std::string out;
  while (!url.empty()) {
    const auto end = std::min(url.find_first_of("?&", 1), url.size());
    const std::string_view part = url.substr(0, end);
    const auto equals = part.find('=');
    const bool begins = part.front() == '?' || part.front() == '&';
    const bool named = begins && equals != std::string_view::npos;
    const std::string name =
        named ? lower_case(percent_decoded(part.substr(1, equals - 1))) : std::string();
    const bool secret = name == "password" || name == "sslpassword";
    out += secret ? std::string(part.substr(0, equals + 1)) + "***" : std::string(part);
    url.remove_prefix(end);
  }
  return out;
}

std::string without_user_password(const std::string& url) {
  const auto begin = url.find("://") + 3;
  // The last one: a password may hold what nobody encoded.
  const auto at = url.rfind('@');
  const auto colon = url.find(':', begin);
  if (at == std::string::npos || at < begin) return url;
  // A name alone is a token for NATS, and each server of a list may have one.
  const std::string scheme = scheme_of(url);
  if (scheme == "nats" || scheme == "tls") return url.substr(0, begin) + "***" + url.substr(at);
  if (colon > at) return url;
  return url.substr(0, colon + 1) + "***" + url.substr(at);
}

/// What stands between `://` and a slash that is in no password: `user:password@host:port,…`
std::string_view authority_of(std::string_view url) {
  const auto slashes = url.find("://");
  if (slashes == std::string_view::npos) return {};
  url.remove_prefix(slashes + 3);
  const auto at = url.rfind('@');
  return url.substr(0, url.find_first_of("/?#", at == std::string_view::npos ? 0 : at));
}

/// `host`, of `host:port`, `[address]:port` or `nats://user@host:port/`
std::string host_of(std::string_view server) {
  const auto slashes = server.find("://");
  if (slashes != std::string_view::npos) server.remove_prefix(slashes + 3);
  server.remove_prefix(server.rfind('@') + 1);
  server = server.substr(0, server.find_first_of("/?#"));
  if (server.starts_with('[')) return std::string(server.substr(1, server.find(']') - 1));
  return percent_decoded(server.substr(0, server.rfind(':')));
}

std::string default_port(const std::string& scheme) {
  if (scheme.starts_with("postgres")) return "5432";
  if (scheme.starts_with("bolt") || scheme.starts_with("neo4j")) return "7687";
  if (scheme == "nats" || scheme == "tls") return "4222";
  if (scheme.starts_with("consul")) return scheme == "consul" ? "8500" : "8501";
  return "6379";
}

/// `127.0.0.1:5432/prism`
std::string place_of(const std::string& url) {
  const std::string scheme = scheme_of(url);
  if (scheme == "sqlite") {
    std::error_code unreadable;
    const auto file = std::filesystem::absolute(sqlite_path(url)).lexically_normal();
    const auto real = std::filesystem::weakly_canonical(file, unreadable);
    return unreadable ? file : real;
  }
  std::string rest = url.substr(std::min(url.size(), scheme_length(url) + 1));
  rest = rest.substr(0, rest.find_first_of("?#"));
  rest.erase(0, std::min(rest.find_first_not_of('/'), rest.size()));
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string host = rest.substr(0, slash), path = rest.substr(slash);
  const std::size_t at = host.rfind('@');
  if (at != std::string::npos) host.erase(0, at + 1);
  const std::size_t colon = host.rfind(':');
  std::string port = default_port(scheme);
  if (colon != std::string::npos && host.find(']', colon) == std::string::npos) {
    port = host.substr(colon + 1);
    host.resize(colon);
  }
  if (host.empty() || host == "localhost" || host == "[::1]") host = "127.0.0.1";
  if (path.size() <= 1) path = scheme.starts_with("postgres") ? "" : "/0";
  return lower_case(host) + ":" + port + path;
}

}  // namespace

std::string scheme_of(const std::string& url) {
  const std::size_t length = scheme_length(url);
  return length == 0 ? "sqlite" : lower_case(url.substr(0, length));
}

std::filesystem::path sqlite_path(const std::string& url) {
  const std::size_t length = scheme_length(url);
  if (length == 0) return url;
  const std::string rest = url.substr(length + 1);
  return rest.starts_with("///") ? rest.substr(3) : rest;
}

std::string resolve_against(const std::string& url, const std::filesystem::path& folder) {
  if (scheme_of(url) != "sqlite") return url;
  return (folder / sqlite_path(url)).lexically_normal().string();
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const char* const digits = text.data() + i + 1;
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2;
    out += escape ? static_cast<char>(byte) : text[i];
    if (escape) i += 2;
  }
  return out;
}

std::string password_of(const std::string& url) {
  const std::string_view authority = authority_of(url);
  const auto at = authority.rfind('@');
  if (at == std::string_view::npos) return parameter_of(url, "password");
  const std::string_view user = authority.substr(0, at);
  const auto colon = user.find(':');
  if (colon != std::string_view::npos) return percent_decoded(user.substr(colon + 1));
  const std::string scheme = scheme_of(url);
  if (scheme == "nats" || scheme == "tls") return percent_decoded(user);
  return parameter_of(url, "password");
}

std::vector<std::string> hosts_of(const std::string& url) {
  const std::string scheme = scheme_of(url);
  std::vector<std::string> hosts;
  if (scheme == "sqlite" || scheme == "unix") return hosts;
  const std::string named = parameter_of(url, "host");
  std::string_view rest = authority_of(url);
  rest.remove_prefix(rest.rfind('@') + 1);
  if (rest.empty()) rest = named;
  // Each server of a list is a URL.
  if (scheme == "nats" || scheme == "tls") rest = url;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string host = host_of(rest.substr(0, comma));
    if (!host.empty() && !host.starts_with('/')) hosts.push_back(host);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return hosts;
}

std::string parameter_of(const std::string& url, std::string_view name) {
  std::string copy = url;
  return take_parameters(copy, {&name, 1});
}

bool is_same_place(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && place_of(a) == place_of(b);
}

std::string take_parameters(std::string& url, std::span<const std::string_view> names) {
  const auto query = url.find('?');
  if (query == std::string::npos) return {};
  std::string taken, kept;
  for (const std::string_view parameter : parameters_of(std::string_view(url).substr(query + 1))) {
    const auto equals = std::min(parameter.find('='), parameter.size());
    const std::string name = percent_decoded(parameter.substr(0, equals));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      kept += (kept.empty() ? "?" : "&") + std::string(parameter);
    } else if (name == names.front() && taken.empty() && equals < parameter.size()) {
      taken = percent_decoded(parameter.substr(equals + 1));
    }
  }
  url = url.substr(0, query) + kept;
  return taken;
}

std::string without_password(const std::string& url) {
  return url.find("://") == std::string::npos
             ? url
             : without_user_password(without_secret_parameters(url));
}

}  // namespace prism::config
