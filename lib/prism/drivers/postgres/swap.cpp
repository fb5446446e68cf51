#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/swap.hpp>

namespace prism::postgres {
namespace {

constexpr const char* kInUse = "55006";
constexpr std::chrono::seconds kLimit{60};

/// Ends the sessions of two databases, again and again: RENAME keeps new ones out and waits for
/// those that there are, but not for long, and who comes in before it has begun has to go too.
class Terminator {
 public:
  Terminator(std::unique_ptr<Session> session, std::string first, std::string second)
      : session_(std::move(session)),
        first_(std::move(first)),
        second_(std::move(second)),
        thread_([this] { run(); }) {}

  ~Terminator() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  /// What keeps it from doing so, if anything does.
  void check() const {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void run() noexcept {
    constexpr std::chrono::milliseconds kPause{20};
    try {
      std::unique_lock lock(mutex_);
      while (!ended_) {
        lock.unlock();
        terminate();
        lock.lock();
        changed_.wait_for(lock, kPause, [this] { return ended_; });
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
    }
  }

  /// Autovacuum gives way by itself.
  void terminate() {
    session_->query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ($1, $2) "
        "AND pid <> pg_backend_pid() AND usesysid IS NOT NULL",
        {first_, second_});
  }

  std::unique_ptr<Session> session_;
  const std::string first_, second_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

std::string rename(const std::string& from, const std::string& to) {
  return fmt::format("ALTER DATABASE {} RENAME TO {}; ", quoted_name(from), quoted_name(to));
}

/// False while somebody is in one of them.
bool try_once(Session& maintenance, const std::string& sql) {
  try {
    maintenance.query(sql);
    return true;
  } catch (const Failure& failure) {
    if (failure.sqlstate().empty()) throw;
    maintenance.query("ROLLBACK");
    if (failure.sqlstate() != kInUse) throw;
    return false;
  }
}

void rename_all(Session& maintenance, const std::string& sql, const Terminator& terminator,
                const std::string& database, const Cancel& cancel) {
  Backoff backoff(kLimit, cancel);
  while (!try_once(maintenance, sql)) {
    try {
      terminator.check();
    } catch (const Failure& failure) {
      throw Error(ErrorCode::permission,
                  fmt::format("database {} is in use, and its sessions can't be ended: {}",
                              database, failure.what()),
                  "stop the programs that use it, or GRANT pg_signal_backend");
    }
    if (backoff.pause()) continue;
    throw Error(ErrorCode::locked,
                fmt::format("database {} is in use, and did not become free", database),
                "stop the programs that use it");
  }
}

}  // namespace

bool swap_databases(Server& server, const ScratchNames& names, const Cancel& cancel) {
  const std::string& database = server.database();
  // Cut off, nobody would know whether it was done.
  const auto session = server.open_uninterrupted();
  const bool stands =
      session->is_true("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", {database});
  const std::string sql = "BEGIN; " + (stands ? rename(database, names.replaced) : "") +
                          rename(names.restored, database) + "COMMIT";
  const Terminator terminator(server.open_maintenance(), database, names.restored);
  rename_all(*session, sql, terminator, database, cancel);
  return stands;
}

}  // namespace prism::postgres
