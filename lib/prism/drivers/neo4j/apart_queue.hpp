#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include <prism/drivers/neo4j/fact_batch.hpp>

namespace prism::neo4j {

/// Facts that are written in a transaction of their own.
struct Batch {
  std::string part;
  FactRows rows;
};

/// Hands batches to lanes so that no two that are under way have an entity in common: the server
/// locks an entity from its first new relationship to the end of the transaction, so that they
/// would wait for each other, or for ever.
class PRISM_API ApartQueue {
 public:
  /// The giver waits while that many bytes are not taken yet.
  explicit ApartQueue(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  /// False when the queue was closed: the batch goes nowhere.
  bool push(Batch batch);

  struct Taken {
    Batch batch;
    EntityGroups groups;
  };
  /// Waits for a batch that is apart from those under way; nothing once the queue is closed and
  /// empty. It is under way until done() is called with its groups.
  std::optional<Taken> pop();
  void done(EntityGroups groups);

  /// Nothing more is taken in; what is in may still be popped.
  void close();
  /// The same, and what is in is dropped.
  void stop();

 private:
  std::optional<Taken> take_apart();

  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Taken> waiting_;
  std::size_t bytes_ = 0;
  EntityGroups busy_ = 0;
  bool closed_ = false;
};

}  // namespace prism::neo4j
