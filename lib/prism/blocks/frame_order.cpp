#include <utility>

#include <prism/blocks/frame_order.hpp>

namespace prism::blocks {

void FrameOrder::put(std::uint64_t number, Frame frame) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || number == next_ || bytes_ < most_bytes_; });
  if (stopped_) return;
  bytes_ += frame.bytes.size();
  frames_.emplace(number, std::move(frame));
  changed_.notify_all();
}

void FrameOrder::end_at(std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  end_ = count;
  changed_.notify_all();
}

std::optional<Frame> FrameOrder::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || frames_.contains(next_) || next_ == end_; });
  if (stopped_ || next_ == end_) return {};
  auto found = frames_.extract(next_++);
  bytes_ -= found.mapped().bytes.size();
  changed_.notify_all();
  return std::move(found.mapped());
}

void FrameOrder::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

bool FrameOrder::is_stopped() {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

}  // namespace prism::blocks
