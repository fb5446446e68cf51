#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::redis {

/// What LZF (Marc Lehmann's LibLZF, as in redis/src/lzf_d.c) made of `size` bytes. A control byte
/// below 32 says how many bytes follow, less one; else its three high bits (7: and the next byte)
/// are a length less two, its five low ones and the next byte how far back that lies, less one.
/// Nothing for what is damaged. Never makes more than `size` bytes, nor any before it needs them.
PRISM_API std::optional<std::string> lzf_expanded(std::string_view packed, std::size_t size);

}  // namespace prism::redis
