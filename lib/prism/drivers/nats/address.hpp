#pragma once

#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/base/socket.hpp>

namespace prism::nats {

/// What a URL says: nats://[user:password@|token@]host[:port][,host[:port]…], tls://… (TLS).
/// Servers of a list are those of one cluster; each may have a scheme and a user of its own in
/// front, as NATS_URL of other programs has, and the first user counts for all. User, password and
/// token may be percent-encoded.
struct PRISM_API Address {
  bool tls = false;
  std::vector<Endpoint> endpoints;
  std::string user;
  std::string password;
  std::string token;

  /// The URL without user, password and token.
  std::string text() const;
};

/// Throws Error(configuration) that says what was expected and never shows user, password or token.
PRISM_API Address parse_address(const std::string& url);

}  // namespace prism::nats
