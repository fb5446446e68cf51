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

std::string without_password(const std::string& url) {
  const auto authority = url.find("://");
  if (authority == std::string::npos) return url;
  const auto begin = authority + 3;
  // The last one: a password may hold what nobody encoded.
  const auto at = url.rfind('@');
  const auto colon = url.find(':', begin);
  if (at == std::string::npos || at < begin || colon > at) return url;
  return url.substr(0, colon + 1) + "***" + url.substr(at);
}

}  // namespace prism::config
