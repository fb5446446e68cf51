#pragma once

#include <prism/drivers/neo4j/connections.hpp>
#include <prism/store/fact_reader.hpp>

namespace prism::neo4j {

/// Streams from the indexes alone, which hold what is read in the order that is wanted. Neo4j has
/// no reading of one moment: where a load went on meanwhile, each reading throws Error(locked) at
/// its end.
class Neo4jFactReader : public store::FactReader {
 public:
  explicit Neo4jFactReader(Connections& connections);

  void each_membership(const std::function<void(Uid entity, Uid fact)>& take) override;
  void each_specialization(
      const std::function<void(Uid fact, Uid subtype, Uid supertype)>& take) override;
  std::int64_t watermark() override { return watermark_; }

 private:
  void require_unchanged();

  Connections& connections_;
  std::int64_t watermark_;
};

/// How many loads have changed something.
std::int64_t read_watermark(Connections& connections);

}  // namespace prism::neo4j
