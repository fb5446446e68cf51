#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include <pqxx/pqxx>

#include <prism/base/cancel.hpp>

namespace prism::postgres {

/// Ends a statement at the server once `cancel` is requested, for libpqxx waits for statements
/// without end. Watches on a thread of its own for as long as it lives.
class CancelWatch {
 public:
  CancelWatch(pqxx::connection& connection, const Cancel& cancel);
  ~CancelWatch();
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;

 private:
  void watch(pqxx::connection& connection, const Cancel& cancel);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace prism::postgres
