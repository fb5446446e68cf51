#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

namespace prism::postgres {

/// Tells of bytes by the mebibyte: blocks are too many to tell of each. Several threads may add.
class PassedBytes {
 public:
  using Tell = std::function<void(std::uint64_t bytes)>;

  /// Nothing is told where `tell` is empty.
  explicit PassedBytes(Tell tell) : tell_(std::move(tell)) {}

  void add(std::uint64_t bytes) {
    constexpr unsigned kMebibyte = 20;
    const std::uint64_t before = bytes_.fetch_add(bytes, std::memory_order_relaxed);
    const std::uint64_t more = ((before + bytes) >> kMebibyte) - (before >> kMebibyte);
    if (more > 0 && tell_) tell_(more << kMebibyte);
  }

 private:
  Tell tell_;
  std::atomic<std::uint64_t> bytes_{0};
};

}  // namespace prism::postgres
