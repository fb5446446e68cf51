#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include <prism/base/stream.hpp>

namespace prism::fuzz {

/// Hands out what is in memory in pieces.
class PieceSource : public ByteSource {
 public:
  explicit PieceSource(std::string_view bytes, std::size_t piece = 777)
      : left_(bytes), piece_(piece) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t size = left_.copy(into.data(), std::min(into.size(), piece_));
    left_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view left_;
  std::size_t piece_;
};

}  // namespace prism::fuzz
