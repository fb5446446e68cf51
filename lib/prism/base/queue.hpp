#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace prism {

/// Hands items from one thread to another; the giver waits while `capacity` items are under way.
template <typename Item>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// False when the queue was closed: the item goes nowhere.
  bool push(Item item) {
    std::unique_lock lock(mutex_);
    taken_.wait(lock, [this] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(item));
    given_.notify_one();
    return true;
  }

  /// Nothing once the queue is closed and empty.
  std::optional<Item> pop() {
    std::unique_lock lock(mutex_);
    given_.wait(lock, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    std::optional<Item> item(std::move(items_.front()));
    items_.pop_front();
    taken_.notify_one();
    return item;
  }

  /// Both sides may close: nothing more is taken in; what is in may still be popped.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    given_.notify_all();
    taken_.notify_all();
  }

 private:
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable given_;
  std::condition_variable taken_;
  std::deque<Item> items_;
  bool closed_ = false;
};

}  // namespace prism
