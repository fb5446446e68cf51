#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <prism/blocks/block_map.hpp>
#include <prism/blocks/place.hpp>
#include <prism/blocks/stored_packs.hpp>

namespace prism::blocks {

/// Finds where the blocks of earlier streams are. The maps outlive it, and do not change.
class EarlierMaps {
 public:
  explicit EarlierMaps(StoredPacks& packs) : packs_(packs) {}

  /// Throws Error(internal) where the stream has not so many blocks.
  void each_run(const BlockMap& map, std::uint64_t first, std::uint64_t count,
                const std::function<void(PlaceRun)>& take);

 private:
  /// Where each extent begins in the stream, and where the last one ends.
  const std::vector<std::uint64_t>& starts_of(const BlockMap& map);

  StoredPacks& packs_;
  std::map<const BlockMap*, std::vector<std::uint64_t>> starts_;
};

}  // namespace prism::blocks
