#include <algorithm>
#include <limits>

#include <prism/cache/components.hpp>

namespace prism::cache {
namespace {

using Take = std::function<void(std::span<const EntityIndex>)>;

// Greater than every order, so that a minimum passes over entities whose component is known.
constexpr std::uint32_t kDone = std::numeric_limits<std::uint32_t>::max();

class ComponentSearch {
 public:
  ComponentSearch(const Taxonomy& taxonomy, const Take& take)
      : taxonomy_(taxonomy), take_(take), lowest_(taxonomy.size(), 0) {}

  void from(EntityIndex entity, const Cancel& cancel) {
    if (lowest_[entity] != 0) return;
    visit(entity);
    while (!path_.empty()) {
      cancel.check();
      step();
    }
  }

 private:
  struct Frame {
    EntityIndex entity;
    std::uint32_t order;
    std::uint32_t next_parent;
  };

  void visit(EntityIndex entity) {
    lowest_[entity] = ++visited_;
    open_.push_back(entity);
    path_.push_back({entity, visited_, 0});
  }

  void step() {
    Frame& frame = path_.back();
    const auto parents = taxonomy_.parents(frame.entity);
    if (frame.next_parent == parents.size()) return leave();
    const EntityIndex parent = parents[frame.next_parent++];
    if (lowest_[parent] == 0) return visit(parent);
    lowest_[frame.entity] = std::min(lowest_[frame.entity], lowest_[parent]);
  }

  void leave() {
    const Frame frame = path_.back();
    path_.pop_back();
    if (lowest_[frame.entity] == frame.order) close(frame.entity);
    if (path_.empty()) return;
    std::uint32_t& lowest = lowest_[path_.back().entity];
    lowest = std::min(lowest, lowest_[frame.entity]);
  }

  /// Everything that was opened since the root belongs to its component.
  void close(EntityIndex root) {
    auto begin = open_.size() - 1;
    while (open_[begin] != root) --begin;
    const std::span members(open_.data() + begin, open_.size() - begin);
    for (const EntityIndex member : members) lowest_[member] = kDone;
    take_(members);
    open_.resize(begin);
  }

  const Taxonomy& taxonomy_;
  const Take& take_;
  std::vector<std::uint32_t> lowest_;  ///< 0: not visited
  std::vector<EntityIndex> open_;      ///< visited, component not known yet
  std::vector<Frame> path_;
  std::uint32_t visited_ = 0;
};

}  // namespace

void each_component(const Taxonomy& taxonomy, const Cancel& cancel, const Take& take) {
  ComponentSearch search(taxonomy, take);
  for (EntityIndex entity = 0; entity < taxonomy.size(); ++entity) search.from(entity, cancel);
}

}  // namespace prism::cache
