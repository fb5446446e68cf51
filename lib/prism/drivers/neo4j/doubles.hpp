#pragma once

#include <string>
#include <vector>

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/uid/uid.hpp>

namespace prism::neo4j {

/// UIDs that several nodes of a graph bear, as other programs may have left it.
struct Doubles {
  std::vector<Uid> entities;
  std::vector<Uid> facts;
  /// Those that can't be merged, for people: why.
  std::vector<std::string> different;

  bool empty() const { return entities.empty() && facts.empty() && different.empty(); }
};

Doubles find_doubles(Connections& connections);

/// `fact 5, fact 7, entity 10 and 12 more`
std::string text_of(const Doubles& doubles);

/// Statements that leave one node of each, with the relationships of all.
std::vector<std::string> merge_statements(const Doubles& doubles);

}  // namespace prism::neo4j
