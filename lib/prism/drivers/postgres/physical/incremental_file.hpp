#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>

namespace prism::postgres {

/// The head of a file `INCREMENTAL.<name>` of PostgreSQL 17 (src/include/backup/
/// basebackup_incremental.h): which pages of a file follow it, in ascending order, behind padding
/// to a multiple of a page where there are any; and how many pages of the earlier file stay at
/// most.
struct IncrementalHead {
  std::uint32_t truncation_blocks = 0;
  std::vector<std::uint32_t> blocks;
  std::uint64_t bytes = 0;  ///< of the head, with its padding: the first page begins there
};

/// Reads it from the first bytes of a file. Nothing while more are needed. Throws Error(bad_data)
/// for another magic number, more than the 131,072 pages that a file can have, or pages that do not
/// ascend.
class PRISM_API IncrementalHeadReader {
 public:
  /// Takes what it needs of `bytes`, and tells how much that was.
  std::size_t add(std::string_view bytes);
  bool complete() const;
  const IncrementalHead& head() const { return head_; }

 private:
  std::string buffer_;
  IncrementalHead head_;
};

}  // namespace prism::postgres
