#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/host.hpp>
#include <prism/base/sha256.hpp>
#include <prism/drivers/postgres/cancel_watch.hpp>
#include <prism/drivers/postgres/lock.hpp>

namespace prism::postgres {
namespace {

/// What the server keeps of an application name.
constexpr std::size_t kNameLimit = 63;

class PostgresLock : public store::RunLock {
 public:
  explicit PostgresLock(Connections& connections)
      : cancel_(connections.cancel()), lease_(connections.take()), transaction_(*lease_) {
    // It is idle for as long as the run works.
    transaction_.exec("SET LOCAL idle_in_transaction_session_timeout = 0");
  }

  ~PostgresLock() override { end_quickly(transaction_, cancel_); }

  bool try_take(const Connections& connections, std::string_view purpose) {
    const std::string owner =
        fmt::format("{}, process {} on {}", purpose, ::getpid(), host_name()).substr(0, kNameLimit);
    transaction_.exec("SET LOCAL application_name = " + transaction_.quote(owner));
    return transaction_
        .exec1(fmt::format("SELECT pg_try_advisory_xact_lock({})", lock_key(connections, "run")))[0]
        .as<bool>();
  }

  std::string owner(const Connections& connections) {
    return run_lock_owner(transaction_, connections);
  }

 private:
  const Cancel& cancel_;
  Connections::Lease lease_;
  pqxx::work transaction_;
};

[[noreturn]] void fail(const Connections& connections, const std::string& owner) {
  throw Error(ErrorCode::locked,
              connections.address().location + ": held by another run" +
                  (owner.empty() ? "" : " (" + owner + ")"),
              "wait for it with --lock-wait SECONDS");
}

}  // namespace

std::int64_t lock_key(std::string_view name) {
  const std::string digits = sha256_hex(name).substr(0, 16);
  return static_cast<std::int64_t>(std::stoull(digits, nullptr, 16));
}

std::int64_t lock_key(const Connections& connections, std::string_view purpose) {
  return lock_key(fmt::format("prismctl {} {}", purpose, connections.address().schema));
}

std::unique_ptr<store::RunLock> lock_runs(Connections& connections, std::string_view purpose,
                                          std::chrono::seconds wait) {
  constexpr std::chrono::milliseconds kPause{50};
  const auto end = std::chrono::steady_clock::now() + wait;
  std::unique_ptr<PostgresLock> lock;
  translated([&] {
    lock = std::make_unique<PostgresLock>(connections);
    while (!lock->try_take(connections, purpose)) {
      connections.cancel().check();
      if (std::chrono::steady_clock::now() >= end) fail(connections, lock->owner(connections));
      std::this_thread::sleep_for(kPause);
    }
  });
  return lock;
}

std::string run_lock_owner(pqxx::transaction_base& transaction, const Connections& connections) {
  const pqxx::result owner = transaction.exec(
      fmt::format("SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                  "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = "
                  "(SELECT oid FROM pg_database WHERE datname = current_database()) "
                  "AND (l.classid::bigint << 32) | l.objid::bigint = {}",
                  lock_key(connections, "run")));
  return owner.empty() ? std::string() : owner[0][0].as<std::string>();
}

}  // namespace prism::postgres
