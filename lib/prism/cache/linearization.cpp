#include <algorithm>
#include <limits>

#include <prism/cache/c3.hpp>
#include <prism/cache/components.hpp>
#include <prism/cache/linearization.hpp>

namespace prism::cache {
namespace {

// Every other form is the number of a merged list.
constexpr std::uint32_t kChain = std::numeric_limits<std::uint32_t>::max();  ///< at most one parent
constexpr std::uint32_t kBreadthFirst = kChain - 1;

void sort_unique(std::vector<Uid>& uids) {
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
}

}  // namespace

/// Fills a Linearization, one component after another.
class Linearization::Maker {
 public:
  Maker(Linearization& lines, const Cancel& cancel)
      : lines_(lines), taxonomy_(lines.taxonomy_), cancel_(cancel), merge_(taxonomy_.size()) {}

  void add(std::span<const EntityIndex> component) {
    if (component.size() > 1) {
      for (const EntityIndex entity : component) breadth_first(entity, lines_.cyclic_);
    } else if (taxonomy_.parents(component[0]).size() > 1) {
      merge(component[0]);
    }
  }

 private:
  void breadth_first(EntityIndex entity, std::vector<Uid>& reported) {
    lines_.forms_[entity] = kBreadthFirst;
    reported.push_back(taxonomy_.uid(entity));
  }

  void merge(EntityIndex entity) {
    gather(taxonomy_.parents(entity));
    lines_.pool_.push_back(entity);
    if (!merge_.run(lines_.pool_)) {
      lines_.pool_.pop_back();
      return breadth_first(entity, lines_.inconsistent_);
    }
    lines_.forms_[entity] = static_cast<std::uint32_t>(lines_.merged_.size() - 1);
    lines_.merged_.push_back(lines_.pool_.size());
  }

  void gather(std::span<const EntityIndex> parents) {
    for (const EntityIndex parent : parents) {
      cancel_.check();
      lines_.append(parent, merge_.entries());
      merge_.close_list();
    }
    merge_.entries().insert(merge_.entries().end(), parents.begin(), parents.end());
    merge_.close_list();
  }

  Linearization& lines_;
  const Taxonomy& taxonomy_;
  const Cancel& cancel_;
  C3Merge merge_;
};

Linearization::Linearization(const Taxonomy& taxonomy, const Cancel& cancel)
    : taxonomy_(taxonomy),
      forms_(taxonomy.size(), kChain),
      merged_{0},
      seen_(taxonomy.size(), 0),
      cyclic_(taxonomy.own_subtypes()) {
  Maker maker(*this, cancel);
  each_component(taxonomy, cancel, [&](auto component) { maker.add(component); });
  pool_.shrink_to_fit();
  sort_unique(cyclic_);
  sort_unique(inconsistent_);
}

void Linearization::append(EntityIndex entity, std::vector<EntityIndex>& out) {
  while (forms_[entity] == kChain) {
    out.push_back(entity);
    const auto parents = taxonomy_.parents(entity);
    if (parents.empty()) return;
    entity = parents[0];
  }
  if (forms_[entity] == kBreadthFirst) return append_breadth_first(entity, out);
  append_merged(entity, out);
}

void Linearization::append_breadth_first(EntityIndex entity, std::vector<EntityIndex>& out) {
  if (++search_ == 0) {
    std::fill(seen_.begin(), seen_.end(), 0);
    search_ = 1;
  }
  std::size_t next = out.size();
  out.push_back(entity);
  seen_[entity] = search_;
  for (; next < out.size(); ++next) {
    for (const EntityIndex parent : taxonomy_.parents(out[next])) {
      if (seen_[parent] == search_) continue;
      seen_[parent] = search_;
      out.push_back(parent);
    }
  }
}

void Linearization::append_merged(EntityIndex entity, std::vector<EntityIndex>& out) const {
  const EntityIndex* const pool = pool_.data();
  const std::uint32_t list = forms_[entity];
  out.insert(out.end(), pool + merged_[list], pool + merged_[list + 1]);
}

std::size_t Linearization::memory_bytes() const {
  return (forms_.capacity() + pool_.capacity() + seen_.capacity()) * sizeof(std::uint32_t) +
         (merged_.capacity() + cyclic_.capacity() + inconsistent_.capacity()) *
             sizeof(std::uint64_t);
}

}  // namespace prism::cache
