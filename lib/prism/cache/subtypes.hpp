#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/cache/linearization.hpp>

namespace prism::cache {

/// How many subtypes are held at once, 4 bytes each, unless told otherwise.
constexpr std::size_t kSubtypesHeld = 32'000'000;

/// All subtypes of every entity, direct and indirect, itself excluded: the lineages inverted by
/// counting sorts, each over as many supertypes as fit. Keeps 4 bytes an entity; while it runs,
/// 8 bytes an entity more, and 4 bytes for each subtype held. Used by one thread.
class PRISM_API Subtypes {
 public:
  using Take = std::function<void(EntityIndex supertype, std::span<const Uid> subtypes)>;

  /// Walks all lineages once. What it is given must outlive it; cancelling throws, as in `each`.
  Subtypes(const Taxonomy& taxonomy, Linearization& lines, const Cancel& cancel);

  /// How many entities have a subtype.
  std::size_t keys() const { return keys_; }

  /// Gives the subtypes, ascending, of each entity that has any, in the order of UID. `held` is
  /// exceeded only by a single entity that has more; each fill walks all lineages again.
  void each(const Take& take, std::size_t held = kSubtypesHeld);

 private:
  struct Pass;

  Pass plan(EntityIndex begin, std::size_t held) const;
  void fill(Pass& pass);
  void give(const Pass& pass, const Take& take) const;
  template <class Pair>
  void each_pair(const Pair& pair);

  const Taxonomy& taxonomy_;
  Linearization& lines_;
  const Cancel& cancel_;
  std::vector<std::uint32_t> counts_;  ///< of an entity: its subtypes
  std::vector<EntityIndex> lineage_;   ///< the one at hand
  std::size_t keys_ = 0;
};

}  // namespace prism::cache
