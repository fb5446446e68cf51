#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::nats {

/// What Base64 (RFC 4648 section 4, with padding) stands for; nothing where it is none.
PRISM_API std::optional<std::string> decoded_base64(std::string_view text);

}  // namespace prism::nats
