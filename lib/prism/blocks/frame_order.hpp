#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <prism/blocks/block_key.hpp>

namespace prism::blocks {

/// Blocks that were compressed together.
struct Frame {
  std::string bytes;
  std::vector<std::uint16_t> lengths;
  std::vector<BlockHash> hashes;
};

/// Brings frames that are done in any order into theirs. Those who bring them wait while more than
/// `most_bytes` are there, except for the one that is next. Several threads may call.
class FrameOrder {
 public:
  explicit FrameOrder(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  void put(std::uint64_t number, Frame frame);
  /// So many come in all.
  void end_at(std::uint64_t count);
  /// The next one; nothing after the last, or once it is stopped.
  std::optional<Frame> next();
  /// Nobody waits any more.
  void stop();
  bool is_stopped();

 private:
  const std::size_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, Frame> frames_;
  std::size_t bytes_ = 0;
  std::uint64_t next_ = 0;
  std::optional<std::uint64_t> end_;
  bool stopped_ = false;
};

}  // namespace prism::blocks
