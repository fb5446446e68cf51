#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/neo4j/graph_survey.hpp>

namespace prism::neo4j {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::bad_data, what); }

}  // namespace

void GraphSurvey::rule(const Rule& rule) {
  ++(rule.is_constraint ? totals_.constraints : totals_.indexes);
  // A constraint and an index can't have the same name either.
  if (!rules_.insert(rule.name).second) fail("two rules named " + in_quotes(rule.name));
}

void GraphSurvey::node(const NodeLine& node) {
  ++totals_.nodes;
  if (!nodes_.insert(node.number)) fail(fmt::format("node {} comes twice", node.number));
}

void GraphSurvey::relationship(const RelationshipLine& relationship) {
  ++totals_.relationships;
  for (const std::int64_t end : {relationship.from, relationship.to}) {
    if (!nodes_.contains(end))
      fail(fmt::format("a relationship of node {}, which is not there", end));
  }
}

void GraphSurvey::again() {
  totals_ = {};
  rules_.clear();
  nodes_ = {};
  ++void_parts_;
}

void GraphSurvey::end(const GraphTotals& totals) {
  totals_.changed = totals.changed;
  if (totals_ == totals) return;
  fail(
      fmt::format("{} nodes and {} relationships, {} constraints and {} indexes; the last line "
                  "says {} and {}, {} and {}",
                  totals_.nodes, totals_.relationships, totals_.constraints, totals_.indexes,
                  totals.nodes, totals.relationships, totals.constraints, totals.indexes));
}

backup::Content GraphSurvey::content() const {
  backup::Content content{server_, totals_.counts()};
  if (totals_.changed) content.remarks.emplace_back(kChangedWords);
  return content;
}

GraphSurvey survey_graph(backup::ArtifactReader& artifacts, const Cancel& cancel) {
  const auto source = artifacts.open(kGraphArtifact);
  GraphSurvey survey;
  read_graph(*source, survey, cancel);
  return survey;
}

}  // namespace prism::neo4j
