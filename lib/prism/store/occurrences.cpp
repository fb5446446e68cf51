#include <algorithm>

#include <prism/store/occurrences.hpp>

namespace prism::store {

std::uint32_t Occurrences::meet(Uid uid) {
  if (ascending_.empty() || uid > ascending_.back()) {
    ascending_.push_back(uid);
    return 0;
  }
  std::uint32_t before = others_[uid]++;
  if (std::binary_search(ascending_.begin(), ascending_.end(), uid)) ++before;
  most_ = std::max(most_, before);
  return before;
}

}  // namespace prism::store
