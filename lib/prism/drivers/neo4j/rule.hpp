#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/drivers/neo4j/json_text.hpp>
#include <prism/drivers/neo4j/value.hpp>

namespace prism::neo4j {

/// A constraint, or an index that no constraint has brought with it, in the words of SHOW
/// CONSTRAINTS and SHOW INDEXES.
struct Rule {
  bool is_constraint = false;
  std::string name;
  std::string type;                     ///< `UNIQUENESS`, `RANGE`, …
  std::string entity;                   ///< `NODE` or `RELATIONSHIP`
  std::vector<std::string> tokens;      ///< labels, or types of relationships; of LOOKUP none
  std::vector<std::string> properties;  ///< of LOOKUP none
  std::string value_type;               ///< of a constraint on the type of a property; else empty
  std::string provider;                 ///< `range-1.0`, …; empty: the server's own
  Map config;                           ///< of the index
};

/// Throws Error(bad_data) for a rule that no statement can be made of.
PRISM_API Rule read_rule(JsonLine& json);
PRISM_API void append_rule(std::string& json, const Rule& rule);

/// Whether this version can make such a rule.
bool is_known(const Rule& rule);
/// What makes it, with the parameters of parameters_of(), packed.
PRISM_API std::string creation_of(const Rule& rule);
std::string parameters_of(const Rule& rule);
std::string removal_of(const Rule& rule);

/// A name of the graph's as Cypher takes it, whatever is in it.
PRISM_API std::string in_backticks(std::string_view name);

}  // namespace prism::neo4j
