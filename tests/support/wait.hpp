#pragma once

#include <chrono>
#include <thread>

namespace prism::test {

/// Whether a condition comes true within a minute; it is asked every few milliseconds.
template <typename Condition>
bool comes_true(Condition&& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return condition();
}

}  // namespace prism::test
