#include <bit>
#include <cstring>
#include <utility>

#include <prism/blocks/known_blocks.hpp>

namespace prism::blocks {
namespace {

/// Of each three slots at most two are taken.
std::uint64_t capacity_for(std::uint64_t blocks) {
  constexpr std::uint64_t kLeast = 1024;
  return std::bit_ceil(std::max(kLeast, blocks + blocks / 2));
}

/// A keyed hash is as good as random: its first bytes say where to look.
std::uint64_t beginning_of(const BlockHash& hash) {
  std::uint64_t number = 0;
  std::memcpy(&number, hash.data(), sizeof number);
  return number;
}

}  // namespace

KnownBlocks::KnownBlocks(std::uint64_t expected, std::filesystem::path scratch_folder,
                         std::size_t in_memory)
    : scratch_folder_(std::move(scratch_folder)),
      in_memory_(in_memory),
      capacity_(capacity_for(expected)),
      memory_(capacity_ * sizeof(Slot), in_memory_, scratch_folder_) {
  static_assert(sizeof(Slot) == 32);
}

KnownBlocks::Slot& KnownBlocks::find(const BlockHash& hash) const {
  const std::uint64_t mask = capacity_ - 1;
  std::uint64_t at = beginning_of(hash) & mask;
  while (slots()[at].inverse != 0 && slots()[at].hash != hash) at = (at + 1) & mask;
  return slots()[at];
}

KnownBlocks::Slot& KnownBlocks::find_or_add(const BlockHash& hash, Place place) {
  Slot& slot = find(hash);
  if (slot.inverse != 0) return slot;
  if ((size_ + 1) * 3 > capacity_ * 2) {
    grow();
    return find_or_add(hash, place);
  }
  slot = {hash, ~place};
  ++size_;
  return slot;
}

Place KnownBlocks::add(const BlockHash& hash, Place place) {
  return ~find_or_add(hash, place).inverse;
}

void KnownBlocks::add_lowest(const BlockHash& hash, Place place) {
  Slot& slot = find_or_add(hash, place);
  slot.inverse = std::max(slot.inverse, ~place);
}

void KnownBlocks::prefetch(const BlockHash& hash) const {
  __builtin_prefetch(&slots()[beginning_of(hash) & (capacity_ - 1)]);
}

void KnownBlocks::grow() {
  MappedMemory old(2 * memory_.size(), in_memory_, scratch_folder_);
  std::swap(old, memory_);
  const std::uint64_t before = std::exchange(capacity_, 2 * capacity_);
  const Slot* const slots = static_cast<const Slot*>(old.data());
  for (std::uint64_t i = 0; i < before; ++i) {
    if (slots[i].inverse != 0) find(slots[i].hash) = slots[i];
  }
}

}  // namespace prism::blocks
