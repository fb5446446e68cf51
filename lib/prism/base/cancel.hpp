#pragma once

#include <atomic>

#include <prism/base/error.hpp>

namespace prism {

/// Set by a signal handler, asked by every long loop. Lock-free, so it may be set from anywhere.
class PRISM_API Cancel {
 public:
  /// `signal` is SIGINT or SIGTERM.
  void request(int signal) noexcept { signal_.store(signal, std::memory_order_relaxed); }
  bool requested() const noexcept { return signal_.load(std::memory_order_relaxed) != 0; }

  /// Throws Error(interrupted) or Error(terminated) once a signal has come.
  void check() const {
    if (requested()) raise();
  }

 private:
  [[noreturn]] void raise() const;

  std::atomic<int> signal_{0};
};

}  // namespace prism
