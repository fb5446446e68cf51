#pragma once

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <prism/base/queue.hpp>

namespace prism {

/// Hands blocks of text to a thread of its own, which writes them one after the other.
class WriteBehind {
 public:
  using Write = std::function<void(std::string_view)>;

  explicit WriteBehind(Write write);
  ~WriteBehind();
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;

  /// Takes the block and leaves an empty one. Throws what the writing of an earlier one threw.
  void push(std::string& block);
  /// Waits until all blocks are written; no more may come. Throws what their writing threw.
  void finish();

 private:
  void run();

  Write write_;
  BoundedQueue<std::string> full_;
  BoundedQueue<std::string> empty_;  ///< to be filled again
  std::exception_ptr failure_;       ///< read when the thread has ended
  std::thread thread_;
};

}  // namespace prism
