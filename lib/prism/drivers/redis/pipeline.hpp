#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <prism/base/files.hpp>
#include <prism/drivers/redis/connection.hpp>

namespace prism::redis {

/// Commands as they go over the wire, and how many replies they will get.
struct Chunk {
  std::string bytes;
  std::size_t replies = 0;
};

/// Sends commands to one server without waiting for their answers, and looks at every answer: a
/// thread of its own does both directions at once. What waits to be sent is bounded by kCapacity.
class PRISM_API Pipeline {
 public:
  static constexpr std::size_t kCapacity = 16U << 20;  ///< bytes

  /// Told of answers that are no mere OK, on the pipeline's thread; errors within a list come by
  /// themselves. False for an error: it ends the pipeline.
  using OnReply = std::function<bool(const Reply& reply)>;

  /// Throws what connecting does.
  Pipeline(Connection connection, OnReply on_reply);
  /// Ends at once: what wasn't sent is dropped.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Waits while too much is under way. Throws what ended the pipeline.
  void send(Chunk chunk);

  /// Waits until all is answered. Throws what ended the pipeline.
  void finish();

 private:
  void run() noexcept;
  void work();
  bool take();
  void transfer();
  void read_replies(std::string_view bytes);
  void look_at(const Reply& reply);
  void nudge();
  void rethrow();

  Connection connection_;
  OnReply on_reply_;
  FileDescriptor nudge_;  ///< an eventfd: there is something new to send

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Chunk> waiting_;
  std::size_t under_way_ = 0;  ///< bytes not sent yet, in `waiting_` and in `sending_`
  std::size_t unanswered_ = 0;
  bool ending_ = false;
  std::exception_ptr failure_;

  // Of the thread alone.
  Chunk sending_;
  std::size_t sent_ = 0;     ///< of `sending_`
  std::size_t answers_ = 0;  ///< since unanswered_ was told
  std::string received_;

  std::thread thread_;
};

}  // namespace prism::redis
