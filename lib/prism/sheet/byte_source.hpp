#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <prism/base/export.hpp>

namespace prism::sheet {

/// Bytes that can be read at any offset: a file, a stream within one, what lies encrypted in one.
/// May be read by several threads at once.
class PRISM_API ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Bytes, as the source says of itself. There may be fewer.
  virtual std::uint64_t size() const = 0;

  /// Fills `out` from `offset` on and returns how many bytes there were: fewer at the end.
  virtual std::size_t read(std::uint64_t offset, std::span<unsigned char> out) const = 0;
};

}  // namespace prism::sheet
