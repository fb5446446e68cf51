#pragma once

#include <set>
#include <string>

#include <prism/base/export.hpp>
#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/uid/uid_set.hpp>

namespace prism::neo4j {

/// Counts what the lines of a graph say, and sees to it that they fit each other: no node twice,
/// none missing to a relationship, no rule twice, and the totals of the last line. Throws
/// Error(bad_data).
class PRISM_API GraphSurvey : public GraphVisitor {
 public:
  void begin(std::string_view server) override { server_ = server; }
  void rule(const Rule& rule) override;
  void node(const NodeLine& node) override;
  void relationship(const RelationshipLine& relationship) override;
  void again() override;
  void end(const GraphTotals& totals) override;

  backup::Content content() const;
  const GraphTotals& totals() const { return totals_; }
  /// How often it was begun again: so much of the file is void.
  std::uint64_t void_parts() const { return void_parts_; }

 private:
  std::string server_;
  GraphTotals totals_;
  std::set<std::string> rules_;
  uid::UidSet nodes_;
  std::uint64_t void_parts_ = 0;
};

/// Of an artifact, as check() and restore() take it.
GraphSurvey survey_graph(backup::ArtifactReader& artifacts, const Cancel& cancel);

/// What is said of a graph that was changed while it was dumped.
inline constexpr const char* kChangedWords =
    "the graph was changed all the time while it was dumped: a part of it may be older than "
    "another";

}  // namespace prism::neo4j
