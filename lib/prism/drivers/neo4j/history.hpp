#pragma once

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/store/history.hpp>

namespace prism::neo4j {

/// Keeps each run in a node PrismRun, its stages as lists of their names and times.
class Neo4jHistory : public store::RunHistory {
 public:
  explicit Neo4jHistory(Connections& connections) : connections_(connections) {}

  std::int64_t begin(std::string_view command, std::string_view inputs,
                     std::string_view started) override;
  void stage(std::int64_t run, const store::StageTime& stage) override;
  void finish(std::int64_t run, store::RunState state, std::string_view summary) override;
  std::optional<store::Run> latest(std::string_view command) override;

 private:
  Connections& connections_;
};

}  // namespace prism::neo4j
