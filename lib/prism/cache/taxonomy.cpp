#include <algorithm>
#include <limits>
#include <numeric>

#include <prism/base/error.hpp>
#include <prism/cache/taxonomy.hpp>

namespace prism::cache {
namespace {

constexpr std::size_t kChunkEdges = 16384;
// Two entities an edge must still be counted in 32 bits.
constexpr std::size_t kMostEdges = std::numeric_limits<std::uint32_t>::max() / 2;

template <class T>
std::size_t bytes(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

std::size_t position(const std::vector<Uid>& uids, Uid uid) {
  return static_cast<std::size_t>(std::lower_bound(uids.begin(), uids.end(), uid) - uids.begin());
}

template <class T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  values.shrink_to_fit();
}

/// Drops what an entity's parents repeat; the first stays in its place.
void drop_duplicates(std::vector<std::uint32_t>& offsets, std::vector<EntityIndex>& parents) {
  const auto entities = static_cast<EntityIndex>(offsets.size() - 1);
  std::vector<EntityIndex> last_child(entities, entities);
  std::uint32_t kept = 0, next = 0;
  for (EntityIndex child = 0; child < entities; ++child) {
    const std::uint32_t end = offsets[child + 1];
    for (; next < end; ++next) {
      const EntityIndex parent = parents[next];
      if (last_child[parent] == child) continue;
      last_child[parent] = child;
      parents[kept++] = parent;
    }
    offsets[child + 1] = kept;
  }
  if (kept == parents.size()) return;
  parents.resize(kept);
  parents.shrink_to_fit();
}

}  // namespace

std::optional<EntityIndex> Taxonomy::index(Uid uid) const {
  const std::size_t found = position(uids_, uid);
  if (found == uids_.size() || uids_[found] != uid) return std::nullopt;
  return static_cast<EntityIndex>(found);
}

std::size_t Taxonomy::memory_bytes() const {
  return bytes(uids_) + bytes(offsets_) + bytes(parents_) + bytes(own_subtypes_);
}

void TaxonomyBuilder::add(Uid subtype, Uid supertype) {
  if (edges_ == kMostEdges) {
    throw Error(ErrorCode::bad_data,
                "more than " + std::to_string(kMostEdges) + " specializations in the store");
  }
  if (chunks_.empty() || chunks_.back().size() == kChunkEdges) {
    chunks_.emplace_back().reserve(kChunkEdges);
  }
  chunks_.back().push_back({subtype, supertype});
  ++edges_;
}

Taxonomy TaxonomyBuilder::build() {
  Taxonomy taxonomy;
  taxonomy.uids_ = endpoints();
  use_indices(taxonomy.uids_);
  count_parents(taxonomy);
  place_parents(taxonomy);
  chunks_.clear();
  edges_ = 0;
  drop_duplicates(taxonomy.offsets_, taxonomy.parents_);
  return taxonomy;
}

std::vector<Uid> TaxonomyBuilder::endpoints() const {
  std::vector<Uid> uids;
  uids.reserve(2 * edges_);
  for (const auto& chunk : chunks_) {
    for (const Edge& edge : chunk) uids.insert(uids.end(), {edge.subtype, edge.supertype});
  }
  sort_unique(uids);
  return uids;
}

void TaxonomyBuilder::use_indices(const std::vector<Uid>& uids) {
  for (auto& chunk : chunks_) {
    for (Edge& edge : chunk) {
      edge.subtype = static_cast<Uid>(position(uids, edge.subtype));
      edge.supertype = static_cast<Uid>(position(uids, edge.supertype));
    }
  }
}

void TaxonomyBuilder::count_parents(Taxonomy& taxonomy) const {
  taxonomy.offsets_.assign(taxonomy.size() + 1, 0);
  for (const auto& chunk : chunks_) {
    for (const Edge& edge : chunk) {
      const auto child = static_cast<EntityIndex>(edge.subtype);
      if (edge.subtype == edge.supertype) {
        taxonomy.own_subtypes_.push_back(taxonomy.uid(child));
      } else {
        ++taxonomy.offsets_[child];
      }
    }
  }
  sort_unique(taxonomy.own_subtypes_);
}

void TaxonomyBuilder::place_parents(Taxonomy& taxonomy) const {
  auto& ends = taxonomy.offsets_;
  std::inclusive_scan(ends.begin(), ends.end(), ends.begin());
  taxonomy.parents_.resize(ends.back());
  // From the last edge to the first, each at the end of its row, turns the ends into beginnings.
  for (auto chunk = chunks_.rbegin(); chunk != chunks_.rend(); ++chunk) {
    for (auto edge = chunk->rbegin(); edge != chunk->rend(); ++edge) {
      if (edge->subtype == edge->supertype) continue;
      taxonomy.parents_[--ends[static_cast<std::size_t>(edge->subtype)]] =
          static_cast<EntityIndex>(edge->supertype);
    }
  }
}

}  // namespace prism::cache
