#include <algorithm>
#include <utility>

#include <prism/sheet/block_size.hpp>
#include <prism/sheet/read_ahead.hpp>

namespace prism::sheet {
namespace {

constexpr std::size_t kBlocks = 4;

}  // namespace

ReadAhead::ReadAhead(std::unique_ptr<ByteStream> stream)
    : stream_(std::move(stream)), full_(kBlocks), empty_(kBlocks) {
  for (std::size_t i = 0; i < kBlocks; ++i) empty_.push({});
  thread_ = std::jthread([this] { run(); });
}

ReadAhead::~ReadAhead() {
  full_.close();
  empty_.close();
}

void ReadAhead::run() {
  try {
    while (auto block = empty_.pop()) {
      block->resize(kBlockSize);
      block->resize(stream_->read(*block));
      if (block->empty() || !full_.push(*std::move(block))) break;
    }
  } catch (...) {
    failure_ = std::current_exception();
  }
  full_.close();
}

std::size_t ReadAhead::read(std::span<char> out) {
  if (at_ == block_.size()) {
    if (!block_.empty()) empty_.push(std::exchange(block_, {}));
    at_ = 0;
    auto next = full_.pop();
    if (!next && failure_) std::rethrow_exception(failure_);
    if (next) block_ = *std::move(next);
  }
  const std::size_t count = std::min(out.size(), block_.size() - at_);
  std::copy_n(block_.data() + at_, count, out.data());
  at_ += count;
  return count;
}

}  // namespace prism::sheet
