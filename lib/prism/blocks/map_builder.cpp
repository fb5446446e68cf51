#include <algorithm>
#include <limits>
#include <map>

#include <prism/blocks/map_builder.hpp>

namespace prism::blocks {
namespace {

/// Gives packs their places in the map as their first blocks come.
class Builder {
 public:
  Builder(std::span<const PackRecord> stored, std::span<const NewPack> made)
      : stored_(stored), made_(made) {}

  void add(PlaceRun run) {
    if (!is_new(run.first)) {
      const std::uint32_t pack = pack_of(run.first);
      return add(place_of(pack, stored_[pack]), number_in_pack(run.first), run.count);
    }
    while (run.count > 0) {
      const std::uint32_t taken = add_new(new_number(run.first), run.count);
      run.first += taken;
      run.count -= taken;
    }
  }

  BlockMap take() { return std::move(map_); }

 private:
  /// As many as are in the pack of the first of them.
  std::uint32_t add_new(std::uint64_t number, std::uint32_t count) {
    const auto next =
        std::upper_bound(made_.begin(), made_.end(), number,
                         [](std::uint64_t at, const NewPack& pack) { return at < pack.first; });
    const NewPack& pack = *std::prev(next);
    if (next != made_.end()) {
      count = static_cast<std::uint32_t>(std::min<std::uint64_t>(count, next->first - number));
    }
    const auto place = static_cast<std::size_t>(std::prev(next) - made_.begin());
    add(place_of(stored_.size() + place, pack.record),
        static_cast<std::uint32_t>(number - pack.first), count);
    return count;
  }

  void add(std::uint32_t pack, std::uint32_t first, std::uint32_t count) {
    map_.extents.push_back({pack, first, count});
  }

  std::uint32_t place_of(std::size_t pack, const PackRecord& record) {
    const auto [found, is_first] =
        places_.emplace(pack, static_cast<std::uint32_t>(map_.packs.size()));
    if (is_first) map_.packs.push_back(record);
    return found->second;
  }

  std::span<const PackRecord> stored_;
  std::span<const NewPack> made_;
  std::map<std::size_t, std::uint32_t> places_;
  BlockMap map_;
};

}  // namespace

void MapBuilder::add(PlaceRun run) {
  constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (!runs_.empty()) {
    PlaceRun& last = runs_.back();
    if (last.first + last.count == run.first && last.count <= kMost - run.count) {
      last.count += run.count;
      return;
    }
  }
  runs_.push_back(run);
}

BlockMap MapBuilder::build(std::span<const PackRecord> stored,
                           std::span<const NewPack> made) const {
  Builder builder(stored, made);
  for (const PlaceRun& run : runs_) builder.add(run);
  return builder.take();
}

}  // namespace prism::blocks
