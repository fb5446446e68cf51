#pragma once

#include <chrono>

#include <prism/base/access.hpp>
#include <prism/drivers/load_via.hpp>
#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

/// How a store in Neo4j is opened.
struct Options {
  ConnectionsOptions connections;
  Access access = Access::read;
  LoadVia load_via = LoadVia::bolt;
};

}  // namespace prism::neo4j
