#include <algorithm>

#include <prism/uid/uid_set.hpp>

namespace prism::uid {
namespace {

constexpr std::size_t kMostLow = 4096;  ///< from here on bits take less
constexpr std::size_t kWords = 65536 / 64;

constexpr std::uint64_t bit_of(std::uint16_t low) { return std::uint64_t{1} << (low % 64); }

}  // namespace

bool UidSet::insert(Uid uid) {
  const bool inserted = insert(blocks_[uid >> kLowBits], static_cast<std::uint16_t>(uid));
  if (inserted) ++size_;
  return inserted;
}

bool UidSet::insert(Block& block, std::uint16_t low) {
  if (block.bits.empty()) {
    const auto at = std::lower_bound(block.low.begin(), block.low.end(), low);
    if (at != block.low.end() && *at == low) return false;
    block.low.insert(at, low);
    if (block.low.size() == kMostLow) use_bits(block);
    return true;
  }
  std::uint64_t& word = block.bits[low / 64];
  if ((word & bit_of(low)) != 0) return false;
  word |= bit_of(low);
  return true;
}

void UidSet::use_bits(Block& block) {
  block.bits.resize(kWords);
  for (const std::uint16_t low : block.low) block.bits[low / 64] |= bit_of(low);
  std::vector<std::uint16_t>().swap(block.low);
}

bool UidSet::contains(Uid uid) const {
  const auto found = blocks_.find(uid >> kLowBits);
  if (found == blocks_.end()) return false;
  const Block& block = found->second;
  const auto low = static_cast<std::uint16_t>(uid);
  if (!block.bits.empty()) return (block.bits[low / 64] & bit_of(low)) != 0;
  return std::binary_search(block.low.begin(), block.low.end(), low);
}

}  // namespace prism::uid
