#pragma once

#include <chrono>
#include <csignal>
#include <functional>
#include <random>
#include <thread>

#include <doctest/doctest.h>

#include "support/process.hpp"

namespace prism::test {

/// Random parts of a whole, which are the same in every run of the tests.
class RandomMoments {
 public:
  using Milliseconds = std::chrono::milliseconds;

  explicit RandomMoments(unsigned seed) : random_(seed) {}

  Milliseconds within(Milliseconds whole) {
    return Milliseconds(std::uniform_int_distribution<long>(0, whole.count())(random_));
  }
  /// Returns at such a moment.
  void pass(Milliseconds whole) { std::this_thread::sleep_for(within(whole)); }

 private:
  std::mt19937 random_;
};

/// Runs a program once undisturbed, then kills it (SIGKILL) at twenty moments spread over the time
/// that took, with a check after each; the last run is undisturbed again.
inline void kill_at_moments(const std::function<Launch()>& launch,
                            const std::function<void()>& check) {
  using Clock = std::chrono::steady_clock;
  constexpr int kMoments = 20;
  const auto run = [&] {
    Process process(launch());
    return process.wait().code;
  };
  const auto begin = Clock::now();
  REQUIRE(run() == 0);
  const auto whole = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
  for (int moment = 0; moment < kMoments; ++moment) {
    CAPTURE(moment);
    Process process(launch());
    process.ends_within(whole * moment / kMoments);
    process.send(SIGKILL);
    process.wait();
    check();
  }
  CHECK(run() == 0);
}

}  // namespace prism::test
