#pragma once

#include <cstdint>
#include <string>

#include <prism/base/socket.hpp>

namespace prism::neo4j {

/// Of the Bolt protocol.
struct PRISM_API Version {
  unsigned major = 0;
  unsigned minor = 0;

  std::string text() const { return std::to_string(major) + "." + std::to_string(minor); }
  auto operator<=>(const Version&) const = default;
};

/// Agrees with the server on the newest version that both speak, of 4.4 and 5.0 to 5.8. Throws
/// Error(configuration) where none is common, or no Bolt server answers, and says what did.
PRISM_API Version shake_hands(Socket& socket);

}  // namespace prism::neo4j
