#pragma once

#include <cstdint>
#include <filesystem>

#include <prism/blocks/block_key.hpp>
#include <prism/blocks/mapped_memory.hpp>
#include <prism/blocks/place.hpp>

namespace prism::blocks {

/// Where the blocks are that are stored already, by their hashes: 32 bytes each, a third of them to
/// spare. Used by one thread at a time.
class PRISM_API KnownBlocks {
 public:
  static constexpr std::size_t kInMemory = std::size_t{64} << 20;

  /// `expected` blocks find room at once; more are no error. What is larger than `in_memory` bytes
  /// lies in a file below `scratch_folder`.
  KnownBlocks(std::uint64_t expected, std::filesystem::path scratch_folder,
              std::size_t in_memory = kInMemory);

  /// Where the block is: `place` only where it was not known before.
  Place add(const BlockHash& hash, Place place);

  /// The same, and of two places the lower is kept: in whichever order they come, it ends the same.
  void add_lowest(const BlockHash& hash, Place place);

  /// Has the block's entry on its way to the processor.
  void prefetch(const BlockHash& hash) const;

  std::uint64_t size() const { return size_; }

 private:
  struct Slot {
    BlockHash hash;
    std::uint64_t inverse;  ///< of the place; 0, which is none's: the slot is free
  };

  Slot* slots() const { return static_cast<Slot*>(memory_.data()); }
  Slot& find(const BlockHash& hash) const;
  Slot& find_or_add(const BlockHash& hash, Place place);
  void grow();

  std::filesystem::path scratch_folder_;
  std::size_t in_memory_;
  std::uint64_t capacity_;  ///< a power of two
  std::uint64_t size_ = 0;
  MappedMemory memory_;
};

}  // namespace prism::blocks
