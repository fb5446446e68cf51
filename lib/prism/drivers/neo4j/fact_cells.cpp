#include <algorithm>
#include <utility>

#include <prism/drivers/neo4j/fact_cells.hpp>

namespace prism::neo4j {

FactCells::FactCells(std::size_t most_bytes, Give give)
    : most_bytes_(most_bytes), give_(std::move(give)), cells_(kNodeGroups * kNodeGroups) {}

void FactCells::add(const PlannedFact& fact, std::size_t most) {
  const auto [low, high] = std::minmax({group_of(fact.left), group_of(fact.right)});
  FactRows& cell = cells_[low * kNodeGroups + high];
  const std::size_t before = cell.bytes();
  cell.add(fact);
  bytes_ += cell.bytes() - before;
  if (cell.size() >= most) return give(cell);
  if (bytes_ < most_bytes_) return;
  give(*std::max_element(cells_.begin(), cells_.end(), [](const FactRows& a, const FactRows& b) {
    return a.bytes() < b.bytes();
  }));
}

void FactCells::flush() {
  for (FactRows& cell : cells_) {
    if (cell.size() > 0) give(cell);
  }
}

void FactCells::give(FactRows& cell) {
  bytes_ -= cell.bytes();
  give_(std::exchange(cell, {}));
}

}  // namespace prism::neo4j
