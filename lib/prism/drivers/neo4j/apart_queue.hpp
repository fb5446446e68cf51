#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include <prism/drivers/neo4j/node_groups.hpp>

namespace prism::neo4j {

/// Hands batches to lanes so that no two that are under way have a node in common: the server locks
/// a node from its first new relationship to the end of the transaction, so that they would wait
/// for each other, or for ever. A batch tells its size by `bytes()` and whose nodes it has by
/// `groups()`.
template <typename Batch>
class ApartQueue {
 public:
  /// The giver waits while that many bytes are not taken yet.
  explicit ApartQueue(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// False when the queue was closed: the batch goes nowhere.
  bool push(Batch batch) {
    const std::size_t bytes = batch.bytes();
    const NodeGroups groups = batch.groups();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || bytes_ < most_bytes_; });
    if (closed_) return false;
    bytes_ += bytes;
    waiting_.push_back({std::move(batch), groups});
    changed_.notify_all();
    return true;
  }

  struct Taken {
    Batch batch;
    NodeGroups groups;
  };

  /// Waits for a batch that is apart from those under way; nothing once the queue is closed and
  /// empty. It is under way until done() is called with its groups.
  std::optional<Taken> pop() {
    std::unique_lock lock(mutex_);
    std::optional<Taken> taken;
    changed_.wait(lock, [&] {
      taken = take_apart();
      return taken || (closed_ && waiting_.empty());
    });
    changed_.notify_all();
    return taken;
  }

  void done(NodeGroups groups) {
    const std::lock_guard lock(mutex_);
    busy_ &= ~groups;
    changed_.notify_all();
  }

  /// Nothing more is taken in; what is in may still be popped.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  /// The same, and what is in is dropped.
  void stop() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_.clear();
    changed_.notify_all();
  }

 private:
  std::optional<Taken> take_apart() {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [this](const Taken& one) { return (one.groups & busy_) == 0; });
    if (found == waiting_.end()) return std::nullopt;
    std::optional<Taken> taken(std::move(*found));
    waiting_.erase(found);
    bytes_ -= taken->batch.bytes();
    busy_ |= taken->groups;
    return taken;
  }

  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Taken> waiting_;
  std::size_t bytes_ = 0;
  NodeGroups busy_ = 0;
  bool closed_ = false;
};

}  // namespace prism::neo4j
