#include <prism/drivers/postgres/cancel_watch.hpp>

namespace prism::postgres {

CancelWatch::CancelWatch(pqxx::connection& connection, const Cancel& cancel)
    : thread_([this, &connection, &cancel] { watch(connection, cancel); }) {}

CancelWatch::~CancelWatch() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void CancelWatch::watch(pqxx::connection& connection, const Cancel& cancel) {
  constexpr std::chrono::milliseconds kAsked{100};
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kAsked, [this] { return ended_; })) {
    if (!cancel.requested()) continue;
    try {
      connection.cancel_query();
    } catch (const std::exception&) {
      // The server is gone: the statement ends by that.
    }
    return;
  }
}

}  // namespace prism::postgres
