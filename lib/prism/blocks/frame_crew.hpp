#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <prism/blocks/block_key.hpp>
#include <prism/blocks/pack_writer.hpp>

namespace prism::blocks {

/// Blocks one behind the other, as they came.
struct Batch {
  std::string bytes;
  FrameBlocks blocks;  ///< their hashes once they are made
  /// Instead of blocks: those that follow lie there already.
  std::vector<Extent> known = {};

  std::size_t size() const { return blocks.lengths.size(); }
};

/// Hashes batches and compresses frames on threads of its own, each in the order in which they were
/// given: what is done between, and with the result, is done by one thread at a time.
class FrameCrew {
 public:
  /// Is given batches with their hashes; it gives frames to compress().
  using TakeHashed = std::function<void(Batch batch)>;
  /// Is given frames, compressed.
  using TakeFrame = std::function<void(std::string_view stored, const FrameBlocks& blocks)>;

  FrameCrew(std::size_t threads, int level, const BlockKey& key, TakeHashed take_hashed,
            TakeFrame take_frame);
  ~FrameCrew();
  FrameCrew(const FrameCrew&) = delete;
  FrameCrew& operator=(const FrameCrew&) = delete;

  /// Waits while too many are under way. Throws what a thread of the crew has thrown.
  void hash(Batch batch);
  /// Called by TakeHashed, or once nothing is hashed any more.
  void compress(Batch frame);
  /// Waits until all that was given is done.
  void drain();

 private:
  class Worker;
  struct Step {
    std::deque<std::pair<std::uint64_t, Batch>> waiting;
    std::map<std::uint64_t, std::pair<Batch, std::string>> done;  ///< out of turn
    std::uint64_t given = 0, next = 0;
    bool busy = false;  ///< somebody hands on what is done
  };

  void work();
  bool is_idle() const;
  void hand_on(std::unique_lock<std::mutex>& lock, Step& step);
  void check();

  std::size_t most_;
  int level_;
  BlockKey key_;
  TakeHashed take_hashed_;
  TakeFrame take_frame_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Step hashing_, compressing_;
  std::exception_ptr failure_;
  bool end_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace prism::blocks
