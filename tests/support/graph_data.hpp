#pragma once

#include <memory>
#include <string>

#include <prism/drivers/neo4j/component.hpp>

#include "support/neo4j.hpp"

namespace prism::test {

/// Values of every type that Neo4j stores, nodes without labels and properties, relationships to
/// themselves and side by side, odd names, and constraints and indexes of every kind that Community
/// has.
void fill_graph(const Neo4jDatabase& graph);

/// Changes, adds and removes some of it.
void change_graph(const Neo4jDatabase& graph);

/// Removes nodes, constraints and indexes.
void empty_graph(const Neo4jDatabase& graph);

/// All that a graph holds, as its users see it, but for the run lock: labels and properties of
/// nodes, relationships with both ends, constraints and indexes.
std::string graph_state(const Neo4jDatabase& graph);

/// The target at that URL.
std::unique_ptr<backup::Component> graph_target(const std::string& url, Quiet& quiet);

}  // namespace prism::test
