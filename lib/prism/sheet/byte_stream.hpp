#pragma once

#include <cstddef>
#include <span>

#include <prism/base/export.hpp>

namespace prism::sheet {

/// Bytes that are read once, from the first to the last.
class PRISM_API ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Fills the front of `out` and returns how many bytes that were; 0 at the end. Throws Damage.
  virtual std::size_t read(std::span<char> out) = 0;
};

}  // namespace prism::sheet
