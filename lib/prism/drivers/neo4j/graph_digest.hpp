#pragma once

#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>

namespace prism::neo4j {

/// What a graph holds in a few digits, whatever the order of its lines and the numbers of its
/// nodes: each the sum of the first 128 bits of a SHA-256 of each thing.
struct GraphDigests {
  std::string nodes;          ///< labels and properties
  std::string relationships;  ///< type and properties
  /// With the nodes at both ends; empty where there are too many nodes to remember (16,000,000).
  std::string connections;
  std::string rules;
};

/// Of lines that check() has taken.
PRISM_API GraphDigests digest_graph(ByteSource& source, const Cancel& cancel);

}  // namespace prism::neo4j
