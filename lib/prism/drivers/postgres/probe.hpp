#pragma once

#include <memory>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/health/probe.hpp>

namespace prism::postgres {

struct ProbeOptions {
  std::string url;
  config::PostgresSettings settings = {};
};

/// A database of a PostgreSQL server: connections in use, the oldest transaction, how far replicas
/// are behind, the size of the database, its extensions. Throws Error(configuration) for a URL that
/// libpq doesn't understand. `log` and `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log,
                                                    const Cancel& cancel);

}  // namespace prism::postgres
