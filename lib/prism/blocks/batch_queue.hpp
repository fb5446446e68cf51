#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include <prism/blocks/batch.hpp>

namespace prism::blocks {

/// What is to be done with batches, which are as many as memory is given: who fills them waits for
/// one that is done with. Several threads may call.
class BatchQueue {
 public:
  enum class Work { hash, compress };
  struct Job {
    Work work = Work::hash;
    BatchPtr batch;
  };

  explicit BatchQueue(std::size_t batches);

  /// Null once it is stopped.
  BatchPtr take_empty();
  void give_back(BatchPtr batch);

  void add(Work work, BatchPtr batch);
  /// What is nearer to its end goes first, else in the order in which it came. A job without a
  /// batch once it is stopped.
  Job next();

  /// What waits is dropped.
  void stop();

 private:
  std::mutex mutex_;
  std::condition_variable has_empty_, has_work_;
  std::vector<BatchPtr> empty_;
  std::deque<BatchPtr> to_hash_, to_compress_;
  bool stopped_ = false;
};

}  // namespace prism::blocks
