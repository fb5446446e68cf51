#include <algorithm>
#include <thread>

#include <prism/base/backoff.hpp>

namespace prism {
namespace {

using Milliseconds = Backoff::Milliseconds;

constexpr Milliseconds kLongest{2000};

}  // namespace

void sleep_unless(const Cancel& cancel, Milliseconds time) {
  constexpr Milliseconds kPiece{20};
  for (; time > Milliseconds::zero() && !cancel.requested(); time -= kPiece) {
    std::this_thread::sleep_for(std::min(kPiece, time));
  }
}

Backoff::Backoff(Milliseconds limit, const Cancel& cancel, Sleep sleep)
    : end_(std::chrono::steady_clock::now() + limit),
      left_(limit),
      cancel_(cancel),
      sleep_(std::move(sleep)),
      random_(std::random_device()()) {}

bool Backoff::pause() {
  cancel_.check();
  const Milliseconds time = std::min(next(), left_);
  if (time <= Milliseconds::zero() || std::chrono::steady_clock::now() >= end_) return false;
  left_ -= time;
  if (sleep_) {
    sleep_(time);
  } else {
    sleep_unless(cancel_, time);
  }
  cancel_.check();
  return true;
}

Milliseconds Backoff::next() {
  const Milliseconds longest = longest_;
  longest_ = std::min(longest_ * 2, kLongest);
  std::uniform_int_distribution<Milliseconds::rep> part(longest.count() / 2, longest.count());
  return Milliseconds(part(random_));
}

}  // namespace prism
