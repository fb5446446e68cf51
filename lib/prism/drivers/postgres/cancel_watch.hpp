#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <pqxx/pqxx>

#include <prism/base/cancel.hpp>

namespace prism::postgres {

/// Ends the waiting of libpqxx, which has no end of its own: a second after `cancel` is requested
/// (what a cancelled run still has to record takes less), or once the limit is over (0: none), the
/// connection is shut down. Watches on a thread of its own for as long as it lives.
class CancelWatch {
 public:
  CancelWatch(pqxx::connection_base& connection, const Cancel& cancel,
              std::chrono::milliseconds limit = {});
  ~CancelWatch();
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  void watch();
  bool is_over() const;

  int socket_;
  const Cancel& cancel_;
  std::chrono::milliseconds limit_;
  Clock::time_point begin_ = Clock::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;
};

/// Rolls back, which is no loss for what was only read or held, without waiting long for an answer.
void end_quickly(pqxx::transaction_base& transaction, const Cancel& cancel) noexcept;

}  // namespace prism::postgres
