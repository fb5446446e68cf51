#pragma once

#include <functional>
#include <string_view>

#include <prism/drivers/redis/connection.hpp>

namespace prism::redis {

/// Calls `take` for every key of the database that matches, by SCAN: one that is there all the time
/// comes at least once.
void scan_keys(Connection& server, std::string_view pattern,
               const std::function<void(std::string_view key)>& take);

}  // namespace prism::redis
