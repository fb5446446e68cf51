#include <atomic>
#include <latch>
#include <stdexcept>
#include <vector>

#include <doctest/doctest.h>

#include <prism/base/parallel.hpp>

namespace prism {

TEST_CASE("base: work side by side is done once each") {
  for (const std::size_t threads : {1, 2, 7}) {
    std::vector<std::atomic<int>> done(50);
    run_parallel(done.size(), threads, [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) CHECK(times == 1);
  }
  run_parallel(0, 4, [](std::size_t) { FAIL_CHECK("there is nothing to do"); });
}

TEST_CASE("base: work side by side really is") {
  // Each waits for the other: one after the other they would wait for ever.
  std::latch both(2);
  run_parallel(2, 2, [&](std::size_t) { both.arrive_and_wait(); });
}

TEST_CASE("base: of several failures side by side the first one counts, and no more begins") {
  std::latch both(2);
  std::atomic<int> begun{0};
  const auto work = [&](std::size_t i) {
    ++begun;
    both.arrive_and_wait();
    throw std::runtime_error(i == 0 ? "first" : "second");
  };
  CHECK_THROWS_WITH(run_parallel(9, 2, work), "first");
  CHECK(begun == 2);
}

}  // namespace prism
