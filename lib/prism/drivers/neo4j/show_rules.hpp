#pragma once

#include <vector>

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/drivers/neo4j/rule.hpp>

namespace prism::neo4j {

/// All that there are, constraints first, by name. What is a BTREE in Neo4j 4.4 is RANGE, without
/// a provider.
std::vector<Rule> read_rules(Transaction& transaction);

}  // namespace prism::neo4j
