#pragma once

#include <chrono>

#include <prism/base/access.hpp>
#include <prism/drivers/neo4j/connections.hpp>

namespace prism::neo4j {

/// How a store in Neo4j is opened.
struct Options {
  ConnectionsOptions connections;
  Access access = Access::read;
};

}  // namespace prism::neo4j
