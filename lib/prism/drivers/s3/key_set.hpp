#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::s3 {

/// Keys of objects, by the first half of their SHA-256: 16 bytes each, however long they are. Of a
/// billion keys two are taken for one with a probability of 10^-21.
class PRISM_API KeySet {
 public:
  void add(std::string_view key);
  /// Must be called when all were added. Returns whether each came once.
  bool close();
  bool contains(std::string_view key) const;

 private:
  using Digest = std::pair<std::uint64_t, std::uint64_t>;

  std::vector<Digest> digests_;
};

}  // namespace prism::s3
