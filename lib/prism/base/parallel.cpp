#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <prism/base/parallel.hpp>

namespace prism {
namespace {

/// Hands out the numbers, and keeps what the calls threw.
class Calls {
 public:
  explicit Calls(std::size_t count) : count_(count) {}

  void run(const std::function<void(std::size_t)>& work) {
    while (const auto number = take()) {
      try {
        work(*number);
      } catch (...) {
        const std::lock_guard lock(mutex_);
        failures_[*number] = std::current_exception();
      }
    }
  }

  void rethrow() const {
    if (!failures_.empty()) std::rethrow_exception(failures_.begin()->second);
  }

 private:
  std::optional<std::size_t> take() {
    const std::lock_guard lock(mutex_);
    if (next_ == count_ || !failures_.empty()) return std::nullopt;
    return next_++;
  }

  const std::size_t count_;
  std::mutex mutex_;
  std::size_t next_ = 0;
  std::map<std::size_t, std::exception_ptr> failures_;
};

}  // namespace

void run_parallel(std::size_t count, std::size_t threads,
                  const std::function<void(std::size_t)>& work) {
  Calls calls(count);
  {
    std::vector<std::jthread> helpers;
    for (std::size_t i = 1; i < std::min(count, threads); ++i) {
      helpers.emplace_back([&] { calls.run(work); });
    }
    calls.run(work);
  }
  calls.rethrow();
}

}  // namespace prism
