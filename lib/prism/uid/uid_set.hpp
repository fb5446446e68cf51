#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::uid {

/// UIDs in any order, in little memory: for each run of 65,536 the low 16 bits, or one bit for each
/// where that is less. At most 2 bytes a UID where they lie close.
class PRISM_API UidSet {
 public:
  /// False when it was there before.
  bool insert(Uid uid);
  bool contains(Uid uid) const;
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Calls `take` with each, ascending.
  template <typename Take>
  void for_each(Take&& take) const {
    for (const auto& [high, block] : blocks_) {
      for (const std::uint16_t low : block.low) take((high << kLowBits) + low);
      for (std::size_t word = 0; word < block.bits.size(); ++word) {
        for (std::uint64_t left = block.bits[word]; left != 0; left &= left - 1) {
          take((high << kLowBits) + static_cast<Uid>(word * 64) + __builtin_ctzll(left));
        }
      }
    }
  }

 private:
  static constexpr int kLowBits = 16;

  struct Block {
    std::vector<std::uint16_t> low;   ///< ascending; empty where `bits` is used
    std::vector<std::uint64_t> bits;  ///< empty, or one bit for each UID
  };
  static bool insert(Block& block, std::uint16_t low);
  static void use_bits(Block& block);

  std::map<Uid, Block> blocks_;  ///< by the high bits
  std::size_t size_ = 0;
};

}  // namespace prism::uid
