#pragma once

#include <span>
#include <vector>

#include <prism/blocks/block_map.hpp>
#include <prism/blocks/place.hpp>

namespace prism::blocks {

/// A pack of this run, and the how-manieth of its new blocks is the first in it.
struct NewPack {
  std::uint64_t first = 0;
  PackRecord record;
};

/// Notes where the blocks of a stream are, in their order.
class MapBuilder {
 public:
  void add(PlaceRun run);

  /// `stored`: the packs that were there; `made`: those that new blocks went to, in their order.
  BlockMap build(std::span<const PackRecord> stored, std::span<const NewPack> made) const;

 private:
  std::vector<PlaceRun> runs_;
};

}  // namespace prism::blocks
