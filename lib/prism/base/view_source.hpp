#pragma once

#include <string_view>

#include <prism/base/stream.hpp>

namespace prism {

/// Gives a text that is in memory, and must stay there.
class ViewSource : public ByteSource {
 public:
  explicit ViewSource(std::string_view text) : left_(text) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t size = left_.copy(into.data(), into.size());
    left_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view left_;
};

}  // namespace prism
