#pragma once

#include <chrono>
#include <csignal>
#include <functional>

#include <doctest/doctest.h>

#include "support/process.hpp"

namespace prism::test {

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
