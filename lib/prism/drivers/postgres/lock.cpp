#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/error.hpp>
#include <prism/base/host.hpp>
#include <prism/drivers/postgres/lock.hpp>

namespace prism::postgres {
namespace {

/// What the server keeps of an application name.
constexpr std::size_t kNameLimit = 63;

class PostgresLock : public store::RunLock {
 public:
  explicit PostgresLock(Connections& connections)
      : lease_(connections.take()), transaction_(*lease_) {
    // It is idle for as long as the run works.
    transaction_.exec("SET LOCAL idle_in_transaction_session_timeout = 0");
  }

  bool try_take(const Connections& connections, std::string_view purpose) {
    const std::string owner =
        fmt::format("{}, process {} on {}", purpose, ::getpid(), host_name()).substr(0, kNameLimit);
    transaction_.exec("SET LOCAL application_name = " + transaction_.quote(owner));
    const std::string key = lock_key(transaction_, connections, "run");
    return transaction_.exec1("SELECT pg_try_advisory_xact_lock(" + key + ")")[0].as<bool>();
  }

  std::string owner(const Connections& connections) {
    return run_lock_owner(transaction_, connections);
  }

 private:
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

std::string lock_key(pqxx::transaction_base& transaction, const Connections& connections,
                     std::string_view purpose) {
  const std::string name = fmt::format("prismctl {} {}", purpose, connections.address().schema);
  return "hashtextextended(" + transaction.quote(name) + ", 0)";
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
  const std::string key = lock_key(transaction, connections, "run");
  const pqxx::result owner = transaction.exec(
      "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
      "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.database = "
      "(SELECT oid FROM pg_database WHERE datname = current_database()) "
      "AND (l.classid::bigint << 32) | l.objid::bigint = " +
      key);
  return owner.empty() ? std::string() : owner[0][0].as<std::string>();
}

}  // namespace prism::postgres
