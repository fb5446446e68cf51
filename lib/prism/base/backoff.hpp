#pragma once

#include <chrono>
#include <functional>
#include <random>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>

namespace prism {

/// In short pieces, so that a signal or the end of a time limit ends it.
PRISM_API void sleep_unless(const Cancel& cancel, std::chrono::milliseconds time);

/// The pauses between tries: each a random part, at least half, of 50 ms, 100 ms, 200 ms, … 2 s, so
/// that many clients of one server don't come back at once. Used by one thread.
class PRISM_API Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;
  /// Sleeps; a fake in tests of those who use it.
  using Sleep = std::function<void(Milliseconds)>;

  /// Tries end `limit` after now, in pauses summed and on the clock. `sleep` empty: really.
  Backoff(Milliseconds limit, const Cancel& cancel, Sleep sleep = {});

  /// Waits before the next try. False, at once, when the limit is over. Throws when cancelled.
  bool pause();

 private:
  Milliseconds next();

  std::chrono::steady_clock::time_point end_;
  Milliseconds left_;
  Milliseconds longest_{50};
  const Cancel& cancel_;
  Sleep sleep_;
  std::minstd_rand random_;
};

}  // namespace prism
