#include <csignal>
#include <string>

#include <prism/base/cancel.hpp>

namespace prism {

static_assert(std::atomic<int>::is_always_lock_free, "a signal handler sets it");

void Cancel::limit_time(std::chrono::seconds limit) noexcept {
  limit_ = limit.count();
  deadline_ = limit.count() == 0 ? 0 : (Clock::now() + limit).time_since_epoch().count();
}

bool Cancel::is_over() const noexcept {
  const Clock::rep deadline = deadline_.load(std::memory_order_relaxed);
  return deadline != 0 && Clock::now().time_since_epoch().count() >= deadline;
}

void Cancel::raise() const {
  if (whole_ != nullptr) whole_->check();
  if (signal_.load() == 0) {
    throw Error(ErrorCode::unavailable,
                "took longer than its time limit of " + std::to_string(limit_.load()) + " s");
  }
  const bool interrupted = signal_.load() == SIGINT;
  throw Error(interrupted ? ErrorCode::interrupted : ErrorCode::terminated,
              interrupted ? "interrupted; nothing was left half done"
                          : "terminated; nothing was left half done");
}

}  // namespace prism
