#include <prism/blocks/deduplicator.hpp>

namespace prism::blocks {

void Deduplicator::take(BatchPtr batch) {
  const std::size_t found = mark_new(*batch);
  if (found == 0) {
    used_(std::move(batch));
  } else if (found == batch->size()) {
    // What waits goes first, as a small frame: to copy everything from now on costs more.
    give_gathered();
    give(std::move(batch));
  } else {
    batch->keep(is_new_);
    gather(std::move(batch));
  }
}

/// How many of them are.
std::size_t Deduplicator::mark_new(const Batch& batch) {
  for (const BlockHash& hash : batch.hashes()) known_.prefetch(hash);
  std::size_t found = 0;
  auto reference = batch.references().begin();
  for (std::size_t i = 0; i <= batch.size(); ++i) {
    for (; reference != batch.references().end() && reference->before == i; ++reference) {
      map_.add(reference->run);
    }
    if (i == batch.size()) break;
    is_new_[i] = add_block(batch.hashes()[i]);
    if (is_new_[i]) ++found;
  }
  return found;
}

bool Deduplicator::add_block(const BlockHash& hash) {
  const Place next = new_place(new_blocks_);
  const Place place = known_.add(hash, next);
  map_.add({place, 1});
  if (place != next) return false;
  ++new_blocks_;
  return true;
}

void Deduplicator::gather(BatchPtr batch) {
  if (gathered_) {
    gathered_->fill_from(*batch);
    if (gathered_->size() == kFrameBlocks) give_gathered();
    if (batch->size() == 0) return used_(std::move(batch));
  }
  gathered_ = std::move(batch);
}

void Deduplicator::give_gathered() {
  if (gathered_) give(std::move(gathered_));
}

void Deduplicator::give(BatchPtr batch) {
  batch->number = frames_++;
  frame_(std::move(batch));
}

}  // namespace prism::blocks
