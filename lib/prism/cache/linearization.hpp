#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/cache/taxonomy.hpp>

namespace prism::cache {

/// The lineage of every entity of a taxonomy: itself, then all its supertypes, by C3 (Barrett et
/// al., OOPSLA 1996; parents in the order of fact UID). An entity in a cycle, and one for which C3
/// finds no consistent order, has its supertypes breadth first instead; its subtypes go on from
/// that list. Used by one thread.
///
/// Keeps 8 bytes an entity, and 4 bytes for each entry of the lineages of entities with several
/// parents; all other lineages are found by walking. While it is made: 16 bytes an entity
/// more, 12 bytes for each step of depth, and the lists of one merge.
class PRISM_API Linearization {
 public:
  /// Throws Error(interrupted) or Error(terminated) when cancelled. The taxonomy must outlive it.
  Linearization(const Taxonomy& taxonomy, const Cancel& cancel);

  /// Appends an entity's lineage; of an entity without a supertype, that is itself alone.
  void append(EntityIndex entity, std::vector<EntityIndex>& out);

  /// Entities in a cycle, one that is its own subtype included; ascending.
  const std::vector<Uid>& cyclic() const { return cyclic_; }
  /// Entities outside the longer cycles that C3 finds no order for; ascending.
  const std::vector<Uid>& inconsistent() const { return inconsistent_; }

  /// What the arrays take.
  std::size_t memory_bytes() const;

 private:
  class Maker;

  void append_breadth_first(EntityIndex entity, std::vector<EntityIndex>& out);
  void append_merged(EntityIndex entity, std::vector<EntityIndex>& out) const;

  const Taxonomy& taxonomy_;
  std::vector<std::uint32_t> forms_;   ///< of an entity: how its lineage is found
  std::vector<std::uint64_t> merged_;  ///< beginnings of the merged lists in pool_, and its end
  std::vector<EntityIndex> pool_;
  std::vector<std::uint32_t> seen_;  ///< of an entity: the last search that met it
  std::uint32_t search_ = 0;
  std::vector<Uid> cyclic_;
  std::vector<Uid> inconsistent_;
};

}  // namespace prism::cache
