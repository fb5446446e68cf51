#include <csignal>

#include <prism/base/cancel.hpp>

namespace prism {

static_assert(std::atomic<int>::is_always_lock_free, "a signal handler sets it");

void Cancel::raise() const {
  const bool interrupted = signal_.load() == SIGINT;
  throw Error(interrupted ? ErrorCode::interrupted : ErrorCode::terminated,
              interrupted ? "interrupted; nothing was left half done"
                          : "terminated; nothing was left half done");
}

}  // namespace prism
