#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

/// Two lower-case digits for each byte.
PRISM_API std::string hexadecimal(std::string_view bytes);

/// The bytes again; nothing for what hexadecimal() does not write.
PRISM_API std::optional<std::string> from_hexadecimal(std::string_view digits);

}  // namespace prism
