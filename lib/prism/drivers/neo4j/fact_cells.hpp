#pragma once

#include <functional>
#include <vector>

#include <prism/drivers/neo4j/fact_batch.hpp>

namespace prism::neo4j {

/// Collects facts into batches whose entities are of two groups at most, so that others have none
/// of them.
class PRISM_API FactCells {
 public:
  using Give = std::function<void(FactRows rows)>;

  /// What is held is no more than `most_bytes` and a fact: then a smaller batch is given.
  FactCells(std::size_t most_bytes, Give give);

  /// A batch of `most` facts is given as soon as there is one.
  void add(const PlannedFact& fact, std::size_t most);
  /// Gives all that is left.
  void flush();

 private:
  void give(FactRows& cell);

  const std::size_t most_bytes_;
  Give give_;
  std::vector<FactRows> cells_;  ///< one for each pair of groups
  std::size_t bytes_ = 0;
};

}  // namespace prism::neo4j
