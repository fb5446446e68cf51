#include <algorithm>

#include <prism/drivers/redis/uid_set.hpp>

namespace prism::redis {
namespace {

constexpr std::size_t kMostLow = 4096;  ///< from here on bits take less
constexpr std::size_t kWords = 65536 / 64;

void set_bit(std::vector<std::uint64_t>& bits, std::uint16_t low) {
  bits[low / 64] |= std::uint64_t{1} << (low % 64);
}

}  // namespace

void UidSet::add(Uid uid) {
  const Uid high = uid >> 16;
  const auto low = static_cast<std::uint16_t>(uid & 0xffff);
  if (blocks_.empty() || blocks_.back().high != high) blocks_.push_back({high, {}, {}});
  Block& block = blocks_.back();
  if (!block.bits.empty()) return set_bit(block.bits, low);
  block.low.push_back(low);
  if (block.low.size() < kMostLow) return;
  block.bits.resize(kWords);
  for (const std::uint16_t one : block.low) set_bit(block.bits, one);
  std::vector<std::uint16_t>().swap(block.low);
}

bool UidSet::contains(Uid uid) const {
  const Uid high = uid >> 16;
  const auto low = static_cast<std::uint16_t>(uid & 0xffff);
  const auto block =
      std::lower_bound(blocks_.begin(), blocks_.end(), high,
                       [](const Block& one, Uid wanted) { return one.high < wanted; });
  if (block == blocks_.end() || block->high != high) return false;
  if (!block->bits.empty()) return ((block->bits[low / 64] >> (low % 64)) & 1) != 0;
  return std::binary_search(block->low.begin(), block->low.end(), low);
}

}  // namespace prism::redis
