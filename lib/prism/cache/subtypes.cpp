#include <algorithm>

#include <prism/cache/subtypes.hpp>

namespace prism::cache {

/// One counting sort: supertypes begin to end, the last one excluded.
struct Subtypes::Pass {
  EntityIndex begin = 0;
  EntityIndex end = 0;
  std::vector<std::size_t> ends;  ///< of a supertype's subtypes filled in so far, from begin
  std::vector<EntityIndex> subtypes;
};

/// Calls with each entity and each of its supertypes, entities ascending.
template <class Pair>
void Subtypes::each_pair(const Pair& pair) {
  for (EntityIndex entity = 0; entity < taxonomy_.size(); ++entity) {
    if (taxonomy_.parents(entity).empty()) continue;
    cancel_.check();
    lineage_.clear();
    lines_.append(entity, lineage_);
    for (std::size_t i = 1; i < lineage_.size(); ++i) pair(entity, lineage_[i]);
  }
}

Subtypes::Subtypes(const Taxonomy& taxonomy, Linearization& lines, const Cancel& cancel)
    : taxonomy_(taxonomy), lines_(lines), cancel_(cancel), counts_(taxonomy.size(), 0) {
  each_pair([&](EntityIndex, EntityIndex supertype) { ++counts_[supertype]; });
  keys_ = counts_.size() -
          static_cast<std::size_t>(std::count(counts_.begin(), counts_.end(), std::uint32_t{0}));
}

void Subtypes::each(const Take& take, std::size_t held) {
  for (EntityIndex next = 0; next < taxonomy_.size();) {
    Pass pass = plan(next, held);
    next = pass.end;
    if (pass.subtypes.empty()) continue;
    fill(pass);
    give(pass, take);
  }
}

Subtypes::Pass Subtypes::plan(EntityIndex begin, std::size_t held) const {
  Pass pass{begin, begin, {}, {}};
  std::size_t total = 0;
  for (; pass.end < counts_.size(); ++pass.end) {
    if (total != 0 && total + counts_[pass.end] > held) break;
    pass.ends.push_back(total);
    total += counts_[pass.end];
  }
  pass.subtypes.resize(total);
  return pass;
}

void Subtypes::fill(Pass& pass) {
  each_pair([&](EntityIndex entity, EntityIndex supertype) {
    if (supertype < pass.begin || supertype >= pass.end) return;
    pass.subtypes[pass.ends[supertype - pass.begin]++] = entity;
  });
}

void Subtypes::give(const Pass& pass, const Take& take) const {
  std::vector<Uid> uids;
  const EntityIndex* next = pass.subtypes.data();
  for (EntityIndex supertype = pass.begin; supertype < pass.end; ++supertype) {
    const std::uint32_t count = counts_[supertype];
    if (count == 0) continue;
    uids.clear();
    for (const EntityIndex* end = next + count; next != end; ++next) {
      uids.push_back(taxonomy_.uid(*next));
    }
    take(supertype, uids);
  }
}

}  // namespace prism::cache
