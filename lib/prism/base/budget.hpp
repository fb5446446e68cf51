#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include <prism/base/export.hpp>

namespace prism {

/// Bytes of memory that several threads share. Must outlive all its shares.
class PRISM_API Budget {
 public:
  explicit Budget(std::uint64_t bytes) : left_(bytes), all_(bytes) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Goes back when the last copy of it does.
  using Share = std::shared_ptr<const void>;

  /// Waits until so much is left; of what is larger than all of it, until all is. Null when closed.
  Share take(std::uint64_t bytes);

  /// Nobody waits any more.
  void close();

 private:
  void give_back(std::uint64_t bytes);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t left_;
  const std::uint64_t all_;
  bool closed_ = false;
};

}  // namespace prism
