#pragma once

#include <cstdint>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::redis {

/// The slot of any key in a Redis Cluster: of what stands between its first `{` and the next `}`,
/// unless that is nothing, else of all of it (Redis Cluster specification, "Hash tags").
PRISM_API std::uint16_t hash_slot(std::string_view key);

}  // namespace prism::redis
