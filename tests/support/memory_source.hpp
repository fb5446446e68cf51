#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <prism/sheet/byte_source.hpp>

namespace prism::sheet::test {

/// A file in memory.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}

  std::uint64_t size() const override { return bytes_.size(); }

  std::size_t read(std::uint64_t offset, std::span<unsigned char> out) const override {
    const auto begin = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size()));
    const std::size_t size = std::min(out.size(), bytes_.size() - begin);
    std::copy_n(bytes_.data() + begin, size, out.data());
    return size;
  }

 private:
  std::string bytes_;
};

}  // namespace prism::sheet::test
