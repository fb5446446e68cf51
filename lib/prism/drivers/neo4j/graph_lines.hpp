#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/stream.hpp>
#include <prism/drivers/neo4j/rule.hpp>

namespace prism::neo4j {

// The artifact `graph.jsonl`: a graph as JSON lines in UTF-8, each ended by LF, without white space
// and with its names in this order (README, "What a backup of Neo4j looks like"):
//
//   {"prismctl":"graph","version":1,"server":"Neo4j/5.26.30"}                            first
//   {"constraint":"isbn","type":"UNIQUENESS","entity":"NODE","names":["Book"],"properties":["isbn"],
//    "value_type":"","provider":"range-1.0","config":{}}
//   {"index":"title","type":"RANGE","entity":"NODE","names":["Book"],"properties":["title"],
//    "provider":"range-1.0","config":{}}
//   {"node":17,"labels":["Book"],"properties":{"title":"Emil","pages":171}}
//   {"relationship":"WROTE","from":16,"to":17,"properties":{"in":{"date":-14976}}}
//   {"end":{"nodes":2,"relationships":1,"constraints":1,"indexes":1,"changed":false}}    last
//
// Constraints and indexes come first, then nodes, then relationships. The number of a node is of
// this file alone. Values are those of json_property.hpp. Where something was committed while the
// graph was read, a line
//
//   {"again":2}
//
// says that it is read anew: all between the first line and this one is void. After the third time
// the file ends, with "changed":true where it was changed once more: then a part may be older than
// another, and relationships whose nodes came later are left out.

inline constexpr const char* kGraphArtifact = "graph.jsonl";

/// In bytes; what is longer is neither written nor read.
inline constexpr std::size_t kLongestLine = std::size_t{64} << 20;

struct PRISM_API GraphTotals {
  std::uint64_t nodes = 0;
  std::uint64_t relationships = 0;
  std::uint64_t constraints = 0;
  std::uint64_t indexes = 0;
  bool changed = false;
  bool operator==(const GraphTotals&) const = default;

  /// As `nodes`, `relationships`, `constraints` and `indexes`.
  backup::Counts counts() const;
};

/// The properties of a node or relationship: keys and values in PackStream, without a header.
struct PackedProperties {
  std::size_t count = 0;
  std::string_view entries;
};

struct NodeLine {
  std::int64_t number = 0;
  std::vector<std::string> labels;
  PackedProperties properties;
};

struct RelationshipLine {
  std::string type;
  std::int64_t from = 0;
  std::int64_t to = 0;
  PackedProperties properties;
};

/// Is told what the lines of a graph say, in their order. What is handed over is good until the
/// call returns.
class GraphVisitor {
 public:
  virtual ~GraphVisitor() = default;
  virtual void begin(std::string_view server) = 0;
  virtual void rule(const Rule& rule) = 0;
  virtual void node(const NodeLine& node) = 0;
  virtual void relationship(const RelationshipLine& relationship) = 0;
  /// All since begin() is void.
  virtual void again() = 0;
  virtual void end(const GraphTotals& totals) = 0;
};

/// Reads them to the end. Lines before the how-manieth `again` (`skipped`) are passed over, and it
/// too. Throws Error(bad_data) that names the line and byte, for what is not of this form or is cut
/// off; not for numbers that don't fit each other.
PRISM_API void read_graph(ByteSource& source, GraphVisitor& visitor, const Cancel& cancel,
                          std::uint64_t skipped = 0);

/// Of a constraint or an index.
bool is_rule_line(std::string_view line);

// Lines, each appended with its LF.
PRISM_API void append_begin(std::string& json, std::string_view server);
PRISM_API void append_again(std::string& json, int time);
PRISM_API void append_end(std::string& json, const GraphTotals& totals);

}  // namespace prism::neo4j
