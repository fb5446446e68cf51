#include <algorithm>
#include <cstring>

#include <prism/blocks/batch.hpp>

namespace prism::blocks {

Batch::Batch() : bytes_(std::make_unique_for_overwrite<char[]>(kFrameBlocks * kBlockBytes)) {
  starts_.reserve(kFrameBlocks);
  lengths_.reserve(kFrameBlocks);
  hashes_.reserve(kFrameBlocks);
}

void Batch::add(std::string_view block) {
  const std::size_t at = end();
  // A block that is kept may lie where it is put.
  std::memmove(bytes_.get() + at, block.data(), block.size());
  starts_.push_back(static_cast<std::uint32_t>(at));
  lengths_.push_back(static_cast<std::uint16_t>(block.size()));
}

void Batch::hash(BlockHasher& hasher) {
  for (std::size_t i = 0; i < size(); ++i) hashes_.push_back(hasher.hash(block(i)));
}

void Batch::keep(const std::array<bool, kFrameBlocks>& kept) {
  const auto starts = starts_;
  const auto lengths = lengths_;
  const auto hashes = hashes_;
  clear();
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (!kept[i]) continue;
    add({bytes_.get() + starts[i], lengths[i]});
    hashes_.push_back(hashes[i]);
  }
}

void Batch::fill_from(Batch& from) {
  const std::size_t moved = std::min(kFrameBlocks - size(), from.size());
  for (std::size_t i = 0; i < moved; ++i) add(from.block(i));
  hashes_.insert(hashes_.end(), from.hashes_.begin(),
                 from.hashes_.begin() + static_cast<std::ptrdiff_t>(moved));
  std::array<bool, kFrameBlocks> rest{};
  std::fill(rest.begin() + static_cast<std::ptrdiff_t>(moved), rest.end(), true);
  from.keep(rest);
}

void Batch::clear() {
  starts_.clear();
  lengths_.clear();
  hashes_.clear();
  references_.clear();
}

}  // namespace prism::blocks
