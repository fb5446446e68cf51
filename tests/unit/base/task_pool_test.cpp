#include <atomic>
#include <stdexcept>

#include <doctest/doctest.h>

#include <prism/base/budget.hpp>
#include <prism/base/task_pool.hpp>

namespace prism {

TEST_CASE("base: a task pool runs all tasks, and ends with what one of them threw") {
  std::atomic<int> sum = 0;
  TaskPool pool(3);
  for (int i = 1; i <= 100; ++i) pool.run([&sum, i] { sum += i; });
  pool.finish();
  CHECK(sum == 5050);

  for (const std::size_t threads : {std::size_t{1}, std::size_t{4}}) {
    TaskPool failing(threads);
    const auto fill = [&] {
      for (int i = 0; i < 10'000; ++i) {
        failing.run([i] {
          if (i == 20) throw std::runtime_error("twenty");
        });
      }
      failing.finish();
    };
    CHECK_THROWS_WITH(fill(), "twenty");
  }
}

TEST_CASE("base: a pool that nobody waits for drops what has not begun") {
  std::atomic<int> begun = 0;
  {
    TaskPool pool(1);
    pool.run([&] { ++begun; });
  }
  CHECK(begun <= 1);
}

TEST_CASE("base: shares of a budget are never more than all of it") {
  Budget budget(100);
  std::atomic<std::uint64_t> taken = 0, most = 0;
  TaskPool pool(4);
  for (int i = 0; i < 200; ++i) {
    auto share = budget.take(30);
    most = std::max<std::uint64_t>(most, taken += 30);
    pool.run([&taken, share = std::move(share)]() mutable {
      taken -= 30;
      share.reset();
    });
  }
  pool.finish();
  CHECK(most <= 100);
  CHECK(budget.take(1000) != nullptr);  // all of it
  budget.close();
  CHECK(budget.take(1) == nullptr);
}

TEST_CASE("base: a pool that has failed gives the shares of its tasks back") {
  Budget budget(10);
  TaskPool pool(1);
  const auto fill = [&] {
    for (int i = 0; i < 100; ++i) {
      auto share = budget.take(5);
      pool.run([share = std::move(share)] { throw std::runtime_error("at once"); });
    }
  };
  CHECK_THROWS_WITH(fill(), "at once");
}

}  // namespace prism
