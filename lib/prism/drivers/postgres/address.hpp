#pragma once

#include <string>

#include <prism/base/export.hpp>
#include <prism/drivers/postgres/options.hpp>

namespace prism::postgres {

/// Where a store lies, read from a URL once.
struct Address {
  std::string conninfo;  ///< `key='value' …` for libpq: holds secrets
  std::string location;  ///< `host:port/database`, for people
  std::string schema;    ///< not quoted
};

/// Adds what every connection of ours asks for: time limits, keep-alive, UTF-8, our name. What the
/// URL leaves out libpq takes from its environment (PGHOST, PGPASSFILE, PGSERVICE, …). A `schema`
/// in the query, which other programs write and libpq refuses, names the schema. Throws
/// Error(configuration) for what libpq doesn't understand.
PRISM_API Address read_address(const Options& options);

}  // namespace prism::postgres
