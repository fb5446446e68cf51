#pragma once

#include <chrono>
#include <string>

#include <prism/base/access.hpp>
#include <prism/config/servers.hpp>

namespace prism::postgres {

/// How a store in PostgreSQL is opened.
struct Options {
  std::string url;  ///< `postgresql://…`, as libpq reads it, with `?schema=` besides
  Access access = Access::read;
  std::chrono::seconds lock_wait{0};
  std::chrono::seconds wait{0};  ///< for a server that can't be reached yet
  config::PostgresSettings settings;
};

}  // namespace prism::postgres
