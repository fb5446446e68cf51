#include <algorithm>

#include <prism/base/budget.hpp>

namespace prism {

Budget::Share Budget::take(std::uint64_t bytes) {
  const std::uint64_t wanted = std::min(bytes, all_);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || left_ >= wanted; });
  if (closed_) return nullptr;
  left_ -= wanted;
  lock.unlock();
  return {this, [this, wanted](const void*) { give_back(wanted); }};
}

void Budget::give_back(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  left_ += bytes;
  changed_.notify_all();
}

void Budget::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

}  // namespace prism
