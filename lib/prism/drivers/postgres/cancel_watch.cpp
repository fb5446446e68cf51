#include <sys/socket.h>

#include <prism/drivers/postgres/cancel_watch.hpp>

namespace prism::postgres {
namespace {

constexpr std::chrono::milliseconds kAsked{100};
constexpr std::chrono::milliseconds kGrace{1000};

}  // namespace

CancelWatch::CancelWatch(pqxx::connection_base& connection, const Cancel& cancel,
                         std::chrono::milliseconds limit)
    : socket_(connection.sock()), cancel_(cancel), limit_(limit), thread_([this] { watch(); }) {}

CancelWatch::~CancelWatch() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool CancelWatch::is_over() const {
  return limit_ > std::chrono::milliseconds::zero() && Clock::now() - begin_ > limit_ + kGrace;
}

void CancelWatch::watch() {
  std::unique_lock lock(mutex_);
  const auto ended = [this] { return ended_; };
  while (!cancel_.requested() && !is_over()) {
    if (changed_.wait_for(lock, kAsked, ended)) return;
  }
  if (!is_over() && changed_.wait_for(lock, kGrace, ended)) return;
  ::shutdown(socket_, SHUT_RDWR);
}

void end_quickly(pqxx::transaction_base& transaction, const Cancel& cancel) noexcept {
  constexpr std::chrono::milliseconds kLimit{5000};
  try {
    const CancelWatch watch(transaction.conn(), cancel, kLimit);
    transaction.abort();
  } catch (const std::exception&) {
    // The server rolls back by itself when the connection is gone.
  }
}

}  // namespace prism::postgres
