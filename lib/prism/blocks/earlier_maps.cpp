#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/blocks/earlier_maps.hpp>

namespace prism::blocks {

const std::vector<std::uint64_t>& EarlierMaps::starts_of(const BlockMap& map) {
  std::vector<std::uint64_t>& starts = starts_[&map];
  if (!starts.empty()) return starts;
  starts.reserve(map.extents.size() + 1);
  starts.push_back(0);
  for (const Extent& extent : map.extents) starts.push_back(starts.back() + extent.count);
  return starts;
}

void EarlierMaps::each_run(const BlockMap& map, std::uint64_t first, std::uint64_t count,
                           const std::function<void(PlaceRun)>& take) {
  const auto& starts = starts_of(map);
  if (first > starts.back() || count > starts.back() - first) {
    throw Error(ErrorCode::internal, "blocks beyond the end of an earlier stream");
  }
  const auto after = std::upper_bound(starts.begin(), starts.end(), first);
  for (auto i = static_cast<std::size_t>(after - starts.begin()) - 1; count > 0; ++i) {
    const Extent& extent = map.extents[i];
    const auto skipped = static_cast<std::uint32_t>(first - starts[i]);
    const auto taken =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(count, extent.count - skipped));
    const std::uint32_t pack = packs_.number_of(map.packs.at(extent.pack));
    take({place_in(pack, extent.first + skipped), taken});
    first += taken;
    count -= taken;
  }
}

}  // namespace prism::blocks
