#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <prism/uid/uid.hpp>

namespace prism::store {

/// How often each UID of an input was met. 8 bytes for a UID that is higher than all before it, as
/// most inputs have them; some 50 for any other.
class PRISM_API Occurrences {
 public:
  /// How often the UID was met before.
  std::uint32_t meet(Uid uid);

  /// The most that `meet` has returned.
  std::uint32_t most() const { return most_; }

 private:
  std::vector<Uid> ascending_;
  std::unordered_map<Uid, std::uint32_t> others_;  ///< met when a higher one, or itself, had been
  std::uint32_t most_ = 0;
};

}  // namespace prism::store
