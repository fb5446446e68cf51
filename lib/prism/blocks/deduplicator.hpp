#pragma once

#include <functional>

#include <prism/blocks/batch.hpp>
#include <prism/blocks/known_blocks.hpp>
#include <prism/blocks/map_builder.hpp>

namespace prism::blocks {

/// Finds what is new in the batches of a stream, which come in their order, and makes frames of it,
/// in theirs. A batch in which all is new becomes one as it is.
class Deduplicator {
 public:
  using Give = std::function<void(BatchPtr)>;

  /// `frame` gets what is to be stored, `used` the batches that are empty again.
  Deduplicator(KnownBlocks& known, MapBuilder& map, Give frame, Give used)
      : known_(known), map_(map), frame_(std::move(frame)), used_(std::move(used)) {}

  void take(BatchPtr batch);
  /// Nothing more comes.
  void finish() { give_gathered(); }

  std::uint64_t new_blocks() const { return new_blocks_; }
  std::uint64_t frames() const { return frames_; }

 private:
  std::size_t mark_new(const Batch& batch);
  bool add_block(const BlockHash& hash);
  void gather(BatchPtr batch);
  void give_gathered();
  void give(BatchPtr batch);

  KnownBlocks& known_;
  MapBuilder& map_;
  Give frame_, used_;
  std::array<bool, kFrameBlocks> is_new_{};  ///< of the batch that is looked at
  BatchPtr gathered_;  ///< new blocks of several batches, not enough for a frame yet
  std::uint64_t new_blocks_ = 0;
  std::uint64_t frames_ = 0;
};

}  // namespace prism::blocks
