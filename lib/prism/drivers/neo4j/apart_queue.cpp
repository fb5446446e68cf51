#include <algorithm>

#include <prism/drivers/neo4j/apart_queue.hpp>

namespace prism::neo4j {

bool ApartQueue::push(Batch batch) {
  const std::size_t bytes = batch.rows.bytes();
  const EntityGroups groups = batch.rows.groups();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return closed_ || bytes_ < most_bytes_; });
  if (closed_) return false;
  bytes_ += bytes;
  waiting_.push_back({std::move(batch), groups});
  changed_.notify_all();
  return true;
}

std::optional<ApartQueue::Taken> ApartQueue::pop() {
  std::unique_lock lock(mutex_);
  std::optional<Taken> taken;
  changed_.wait(lock, [&] {
    taken = take_apart();
    return taken || (closed_ && waiting_.empty());
  });
  changed_.notify_all();
  return taken;
}

std::optional<ApartQueue::Taken> ApartQueue::take_apart() {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [this](const Taken& one) { return (one.groups & busy_) == 0; });
  if (found == waiting_.end()) return std::nullopt;
  std::optional<Taken> taken(std::move(*found));
  waiting_.erase(found);
  bytes_ -= taken->batch.rows.bytes();
  busy_ |= taken->groups;
  return taken;
}

void ApartQueue::done(EntityGroups groups) {
  const std::lock_guard lock(mutex_);
  busy_ &= ~groups;
  changed_.notify_all();
}

void ApartQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void ApartQueue::stop() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.clear();
  changed_.notify_all();
}

}  // namespace prism::neo4j
