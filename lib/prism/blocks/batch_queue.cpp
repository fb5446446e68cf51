#include <utility>

#include <prism/blocks/batch_queue.hpp>

namespace prism::blocks {
namespace {

BatchPtr pop(std::deque<BatchPtr>& from) {
  BatchPtr batch = std::move(from.front());
  from.pop_front();
  return batch;
}

}  // namespace

BatchQueue::BatchQueue(std::size_t batches) {
  while (empty_.size() < batches) empty_.push_back(std::make_unique<Batch>());
}

BatchPtr BatchQueue::take_empty() {
  std::unique_lock lock(mutex_);
  has_empty_.wait(lock, [this] { return stopped_ || !empty_.empty(); });
  if (stopped_) return nullptr;
  BatchPtr batch = std::move(empty_.back());
  empty_.pop_back();
  return batch;
}

void BatchQueue::give_back(BatchPtr batch) {
  batch->clear();
  const std::lock_guard lock(mutex_);
  empty_.push_back(std::move(batch));
  has_empty_.notify_one();
}

void BatchQueue::add(Work work, BatchPtr batch) {
  const std::lock_guard lock(mutex_);
  (work == Work::hash ? to_hash_ : to_compress_).push_back(std::move(batch));
  has_work_.notify_one();
}

BatchQueue::Job BatchQueue::next() {
  std::unique_lock lock(mutex_);
  has_work_.wait(lock, [this] { return stopped_ || !to_hash_.empty() || !to_compress_.empty(); });
  if (stopped_) return {};
  if (!to_compress_.empty()) return {Work::compress, pop(to_compress_)};
  return {Work::hash, pop(to_hash_)};
}

void BatchQueue::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  has_empty_.notify_all();
  has_work_.notify_all();
}

}  // namespace prism::blocks
