#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <prism/base/socket.hpp>

namespace prism::redis {

/// `MOVED 3999 127.0.0.1:6381` and `ASK 3999 127.0.0.1:6381`.
struct PRISM_API Redirection {
  std::uint16_t slot = 0;
  Endpoint endpoint;
};

/// Reads one; an address without host means `asked_host`. Throws Error(unavailable) for a text that
/// is none.
PRISM_API Redirection redirection(std::string_view text, const std::string& asked_host);

}  // namespace prism::redis
