#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::redis {

/// The members of a set of UIDs as DUMP gives one that the server keeps as a hash table (type 2 of
/// redis/src/rdb.c), in ascending order. Nothing for any other value, such as a small set.
PRISM_API std::optional<std::vector<Uid>> read_dumped_set(std::string_view dump);

}  // namespace prism::redis
