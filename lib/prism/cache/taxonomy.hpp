#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::cache {

/// The place of an entity among all the entities of a taxonomy in the order of UID, from 0.
using EntityIndex = std::uint32_t;

/// Every entity that is the left or right object of a specialization, with its direct supertypes.
/// Compressed sparse rows: 12 bytes an entity and 4 bytes an edge. Immutable.
class PRISM_API Taxonomy {
 public:
  /// How many entities there are.
  std::size_t size() const { return uids_.size(); }
  /// How many edges there are, without duplicates and without edges from an entity to itself.
  std::size_t edges() const { return parents_.size(); }

  Uid uid(EntityIndex entity) const { return uids_[entity]; }
  std::optional<EntityIndex> index(Uid uid) const;

  /// The direct supertypes in the order of the first fact that says so.
  std::span<const EntityIndex> parents(EntityIndex entity) const {
    return {parents_.data() + offsets_[entity], offsets_[entity + 1] - offsets_[entity]};
  }

  /// Entities that are said to be a subtype of themselves, ascending.
  const std::vector<Uid>& own_subtypes() const { return own_subtypes_; }

  /// What the arrays take.
  std::size_t memory_bytes() const;

 private:
  friend class TaxonomyBuilder;

  std::vector<Uid> uids_;               ///< ascending
  std::vector<std::uint32_t> offsets_;  ///< into parents_, one more than entities
  std::vector<EntityIndex> parents_;
  std::vector<Uid> own_subtypes_;
};

/// Collects specializations. Takes 16 bytes an edge while they come in, at most 32 bytes an edge
/// and 8 bytes an entity in `build`; duplicates count until then.
class PRISM_API TaxonomyBuilder {
 public:
  /// To be called in the order of fact UID. Throws Error(bad_data) beyond 2^31 - 1 edges.
  void add(Uid subtype, Uid supertype);

  /// Call it once; the builder is empty afterwards.
  Taxonomy build();

 private:
  struct Edge {
    Uid subtype;  ///< an index once `use_indices` has run, as is the supertype
    Uid supertype;
  };

  std::vector<Uid> endpoints() const;
  void use_indices(const std::vector<Uid>& uids);
  void count_parents(Taxonomy& taxonomy) const;
  void place_parents(Taxonomy& taxonomy) const;

  // Chunks, because a growing vector holds its old and its new array at once.
  std::vector<std::vector<Edge>> chunks_;
  std::size_t edges_ = 0;
};

}  // namespace prism::cache
