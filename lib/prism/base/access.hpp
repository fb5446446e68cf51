#pragma once

#include <cstdint>

namespace prism {

/// How a database is opened. Only `create` makes one that isn't there.
enum class Access : std::uint8_t { read, write, create };

}  // namespace prism
