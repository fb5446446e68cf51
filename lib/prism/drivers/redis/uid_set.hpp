#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::redis {

/// UIDs that came in ascending order, in little memory: for each run of 65,536 the low 16 bits, or
/// one bit for each where that is less. At most 2 bytes a UID where they lie close.
class PRISM_API UidSet {
 public:
  /// Greater than all before, or the last again.
  void add(Uid uid);
  bool contains(Uid uid) const;

 private:
  struct Block {
    Uid high = 0;
    std::vector<std::uint16_t> low;   ///< ascending; empty where `bits` is used
    std::vector<std::uint64_t> bits;  ///< empty, or one bit for each UID
  };
  std::vector<Block> blocks_;  ///< ascending
};

}  // namespace prism::redis
