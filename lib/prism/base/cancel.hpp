#pragma once

#include <atomic>
#include <chrono>

#include <prism/base/error.hpp>

namespace prism {

/// Set by a signal handler, asked by every long loop. Lock-free, so it may be set from anywhere.
class PRISM_API Cancel {
 public:
  Cancel() = default;
  /// For a part of the work, which ends when the whole does, or when its own time is over. The
  /// whole's must outlive it.
  explicit Cancel(const Cancel* whole) noexcept : whole_(whole) {}
  Cancel(const Cancel&) = delete;
  Cancel& operator=(const Cancel&) = delete;

  /// `signal` is SIGINT or SIGTERM.
  void request(int signal) noexcept { signal_.store(signal, std::memory_order_relaxed); }

  /// From now on; a new limit replaces the old one, 0 is none.
  void limit_time(std::chrono::seconds limit) noexcept;

  bool requested() const noexcept {
    return signal_.load(std::memory_order_relaxed) != 0 || is_over() ||
           (whole_ != nullptr && whole_->requested());
  }

  /// Throws Error(interrupted) or Error(terminated) once a signal has come, Error(unavailable) once
  /// the time is over.
  void check() const {
    if (requested()) raise();
  }

 private:
  using Clock = std::chrono::steady_clock;

  bool is_over() const noexcept;
  [[noreturn]] void raise() const;

  const Cancel* whole_ = nullptr;
  std::atomic<int> signal_{0};
  std::atomic<std::chrono::seconds::rep> limit_{0};
  std::atomic<Clock::rep> deadline_{0};  ///< 0: none
};

}  // namespace prism
