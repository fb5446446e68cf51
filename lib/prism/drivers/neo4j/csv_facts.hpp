#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <prism/drivers/neo4j/load_plan.hpp>

namespace prism::neo4j {

/// Facts in the CSV that LOAD CSV reads: no header, left and right object, then a column for each
/// property and type that was met so far. Texts are always in quotes, for an empty one without
/// would be a null.
class CsvFacts {
 public:
  /// Whether a backslash must be doubled.
  explicit CsvFacts(bool backslash_escapes) : backslash_escapes_(backslash_escapes) {}

  /// Appends a line.
  void add(std::string& out, const PlannedFact& fact);

  /// What makes the properties of a fact from its `line`, in Cypher: a map.
  std::string properties() const;

 private:
  enum class Type : std::uint8_t { integer, date, string };

  void put_property(Unpacker& properties);
  std::string& cell(std::string_view name, Type type);
  void put_text(std::string& cell, std::string_view text) const;

  bool backslash_escapes_;
  std::map<std::string, std::map<Type, std::size_t>, std::less<>> columns_;
  std::vector<std::string> cells_;  ///< of the line that is being made
};

}  // namespace prism::neo4j
