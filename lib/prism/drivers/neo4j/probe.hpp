#pragma once

#include <filesystem>
#include <memory>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/neo4j/connections.hpp>
#include <prism/health/probe.hpp>

namespace prism::neo4j {

struct ProbeOptions {
  ConnectionsOptions connections;
  std::filesystem::path data_folder = {};  ///< of the server, where it can be seen; empty: it can't
};

/// A Neo4j: its databases, how many nodes, relationships and facts the one of the URL holds, and
/// how much room its store takes. `log` and `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log,
                                                    const Cancel& cancel);

}  // namespace prism::neo4j
