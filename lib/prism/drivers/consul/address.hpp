#pragma once

#include <string>

#include <prism/base/export.hpp>

namespace prism::consul {

/// Where a Consul agent answers over HTTP.
struct PRISM_API Address {
  bool tls = false;
  std::string server = "127.0.0.1:8500";  ///< `host:port`, `[::1]:8500`

  /// `consul://host:port`, for people.
  std::string text() const;
  /// `path` begins with a slash.
  std::string url(const std::string& path) const;
};

/// Reads `consul://host[:8500]` or `consul+https://host[:8501]`. Throws Error(configuration) for
/// anything else.
PRISM_API Address parse_address(const std::string& url);

}  // namespace prism::consul
