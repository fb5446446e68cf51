#include <utility>

#include <prism/base/write_behind.hpp>

namespace prism {
namespace {

constexpr std::size_t kBlocks = 4;

}  // namespace

WriteBehind::WriteBehind(Write write)
    : write_(std::move(write)), full_(kBlocks), empty_(kBlocks), thread_([this] { run(); }) {
  for (std::size_t i = 0; i < kBlocks; ++i) empty_.push({});
}

WriteBehind::~WriteBehind() {
  full_.close();
  empty_.close();
  if (thread_.joinable()) thread_.join();
}

void WriteBehind::run() {
  try {
    while (auto block = full_.pop()) {
      write_(*block);
      block->clear();
      empty_.push(*std::move(block));
    }
  } catch (...) {
    failure_ = std::current_exception();
    full_.close();
    empty_.close();
  }
}

void WriteBehind::push(std::string& block) {
  auto next = empty_.pop();
  // Where the writing failed both queues are closed, and what is left in them is of no use.
  if (!next || !full_.push(std::move(block))) return finish();
  block = *std::move(next);
}

void WriteBehind::finish() {
  full_.close();
  if (thread_.joinable()) thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

}  // namespace prism
