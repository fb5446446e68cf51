#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism {

/// Takes bytes in their order. Used by one thread.
class PRISM_API ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(std::string_view bytes) = 0;
  /// Nothing more comes. Only now what was written counts; without it, nothing of it does.
  virtual void finish() = 0;
};

/// Gives bytes in their order. Used by one thread.
class PRISM_API ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills a part of `into`, which isn't empty, and returns how much; 0 at the end and after it.
  virtual std::size_t read(std::span<char> into) = 0;
};

}  // namespace prism
