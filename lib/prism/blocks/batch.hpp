#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <prism/blocks/block_key.hpp>
#include <prism/blocks/block_map.hpp>
#include <prism/blocks/pack_index.hpp>
#include <prism/blocks/place.hpp>

namespace prism::blocks {

/// What follows each other in a stream: up to kFrameBlocks blocks, and between them runs of stored
/// ones, which are not read.
class Batch {
 public:
  /// A run of stored blocks, and before which block of the batch it stands.
  struct Reference {
    std::size_t before;
    PlaceRun run;
  };

  Batch();

  std::size_t size() const { return lengths_.size(); }
  bool is_full() const { return size() == kFrameBlocks || references_.size() == kMostReferences; }
  std::string_view bytes() const { return {bytes_.get(), end()}; }
  std::string_view block(std::size_t i) const { return {bytes_.get() + starts_[i], lengths_[i]}; }
  const std::vector<std::uint16_t>& lengths() const { return lengths_; }
  const std::vector<BlockHash>& hashes() const { return hashes_; }
  const std::vector<Reference>& references() const { return references_; }

  void add(std::string_view block);
  void refer(PlaceRun run) { references_.push_back({size(), run}); }
  void hash(BlockHasher& hasher);

  /// Keeps only those of its blocks, which are hashed.
  void keep(const std::array<bool, kFrameBlocks>& kept);
  /// Moves the first blocks of `from` behind the last of this one, as many as find room.
  void fill_from(Batch& from);
  void clear();

  std::uint64_t number = 0;  ///< the how-manieth of the stream; as a frame, of the frames

 private:
  static constexpr std::size_t kMostReferences = 1024;

  std::size_t end() const { return lengths_.empty() ? 0 : starts_.back() + lengths_.back(); }

  std::unique_ptr<char[]> bytes_;
  std::vector<std::uint32_t> starts_;
  std::vector<std::uint16_t> lengths_;
  std::vector<BlockHash> hashes_;
  std::vector<Reference> references_;
};

using BatchPtr = std::unique_ptr<Batch>;

}  // namespace prism::blocks
