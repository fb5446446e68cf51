#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/socket.hpp>

namespace prism::redis {

/// How the servers that a URL names hang together.
enum class Form : std::uint8_t { single, sentinel, cluster };

/// What a URL says:
///   redis://[user:pass@]host[:port][/db], rediss://… (TLS)
///   unix://[user:pass@]/path[?db=N]
///   redis+sentinel://[user:pass@]h1[:p1],h2[:p2]/master-name[/db], rediss+sentinel://…
///   redis+cluster://[user:pass@]h1[:p1],h2[:p2],…, rediss+cluster://…
/// User, password, path and master name may be percent-encoded.
struct PRISM_API Address {
  Form form = Form::single;
  bool tls = false;
  std::vector<Endpoint> endpoints;
  std::string user;  ///< empty: the default user
  std::optional<std::string> password;
  unsigned database = 0;
  std::string master;  ///< what a Sentinel calls the server

  /// The URL without user and password.
  std::string text() const;
};

/// Throws Error(configuration) that says what was expected and never shows user or password.
PRISM_API Address parse_address(const std::string& url);

}  // namespace prism::redis
