#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/socket.hpp>

namespace prism::neo4j {

/// Whether and how a connection is encrypted.
enum class Encryption : std::uint8_t { none, verified, unverified };

/// What a URL says: `scheme://[user[:password]@]host[:port][/database]`, the scheme one of
///   bolt, neo4j          not encrypted
///   bolt+s, neo4j+s      TLS, and the certificate must be good
///   bolt+ssc, neo4j+ssc  TLS with any certificate, such as a self-signed one
/// bolt is that server; neo4j asks it which servers read and which write. User, password, host and
/// database may be percent-encoded.
struct PRISM_API Address {
  bool routed = false;
  Encryption encryption = Encryption::none;
  Endpoint endpoint;
  std::string user;  ///< empty: the setting
  std::optional<std::string> password;
  std::string database;  ///< empty: the user's home database

  /// The URL without user and password.
  std::string text() const;
};

/// Throws Error(configuration) that says what was expected and never shows user or password.
PRISM_API Address parse_address(const std::string& url);

/// `host[:port]`, as a server names others.
Endpoint parse_endpoint(std::string_view text);

}  // namespace prism::neo4j
