#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include <prism/blocks/block_key.hpp>

namespace prism::blocks {

/// Where a block lies, in the numbers of whoever asks.
struct BlockPlace {
  std::uint32_t pack = 0, number = 0;
};

/// Blocks by their hashes: a table of 32 bytes an entry, at most half full. A large one lies in a
/// file without a name, so that the system can take its memory back. Used by one thread.
class KnownBlocks {
 public:
  /// `folder` is for that file; empty: $TMPDIR.
  explicit KnownBlocks(std::filesystem::path folder);
  ~KnownBlocks();
  KnownBlocks(const KnownBlocks&) = delete;
  KnownBlocks& operator=(const KnownBlocks&) = delete;

  std::optional<BlockPlace> find(const BlockHash& hash) const;
  /// The place that it has, where it is known already; else it has this one now, and nothing is
  /// returned.
  std::optional<BlockPlace> find_or_add(const BlockHash& hash, BlockPlace place);

 private:
  struct Entry {
    BlockHash hash;
    std::uint32_t pack;    ///< one more than it is; 0: the entry is free
    std::uint32_t number;
  };
  static_assert(sizeof(Entry) == 32);

  Entry* map(std::uint64_t entries) const;
  Entry& place_of(const BlockHash& hash) const;
  void grow();

  std::filesystem::path folder_;
  Entry* table_ = nullptr;
  std::uint64_t capacity_ = 0;  ///< a power of two
  std::uint64_t size_ = 0;
};

}  // namespace prism::blocks
