#include <charconv>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>
#include <prism/base/host.hpp>
#include <prism/drivers/neo4j/lock.hpp>
#include <prism/drivers/neo4j/parameters.hpp>
#include <prism/drivers/neo4j/random_name.hpp>

namespace prism::neo4j {
namespace {

/// A transaction that holds the lock, or wants to.
struct Holder {
  std::int64_t number = 0;  ///< those begun later have higher ones
  std::string id;
  std::string owner;
};

/// `neo4j-transaction-17`
std::int64_t number_of(std::string_view transaction) {
  const std::string_view digits = transaction.substr(transaction.rfind('-') + 1);
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string database_of(Connections& connections) {
  std::string name;
  connections.run(AccessMode::read, {"CALL db.info() YIELD name"},
                  [&](Unpacker& fields) { name = fields.string(); });
  return name;
}

/// The one that was begun first.
std::optional<Holder> first_holder(Connections& connections) {
  Parameters parameters(1);
  parameters.text("database", database_of(connections));
  std::optional<Holder> first;
  connections.run(AccessMode::read,
                  {"SHOW TRANSACTIONS YIELD transactionId AS number, database, metaData "
                   "WHERE database = $database AND metaData.prismctl_run IS NOT NULL "
                   "RETURN number, metaData.prismctl_run, metaData.prismctl_owner",
                   parameters.bytes()},
                  [&](Unpacker& fields) {
                    Holder holder;
                    holder.number = number_of(fields.string());
                    holder.id = fields.string();
                    holder.owner = fields.string();
                    if (!first || holder.number < first->number) first = std::move(holder);
                  });
  return first;
}

/// The transactions of others than these connections that write.
std::set<std::string> writers(Connections& connections) {
  Parameters parameters(2);
  parameters.text("database", database_of(connections)).text("own", connections.name());
  std::set<std::string> ids;
  connections.run(AccessMode::read,
                  {"SHOW TRANSACTIONS YIELD transactionId AS id, database, metaData "
                   "WHERE database = $database AND metaData.prismctl <> $own RETURN id",
                   parameters.bytes()},
                  [&](Unpacker& fields) { ids.emplace(fields.string()); });
  return ids;
}

class Neo4jLock : public store::RunLock {
 public:
  Neo4jLock(Connections& connections, std::string_view id, std::string_view owner)
      : lease_(connections.take(AccessMode::write)) {
    Parameters metadata(2);
    metadata.text("prismctl_run", id).text("prismctl_owner", owner);
    lease_->begin({.metadata = metadata.bytes()});
    lease_->finish();
  }

  ~Neo4jLock() override { lease_->reset(); }

  /// Nobody else holds it who keeps to the order of transactions; who does not waits here.
  void hold() { lease_->run({"MERGE (lock:PrismLock {name: 'run'}) SET lock.held = true"}); }

 private:
  Connections::Lease lease_;
};

}  // namespace

std::unique_ptr<store::RunLock> lock_runs(Connections& connections, std::string_view purpose,
                                          std::chrono::seconds wait) {
  constexpr std::chrono::milliseconds kPause{50};
  const auto end = std::chrono::steady_clock::now() + wait;
  // Committed by itself, so that all who come lock the same node.
  connections.run(AccessMode::write, {"MERGE (:PrismLock {name: 'run'})"});
  const std::string id = random_name();
  const std::string owner = fmt::format("{}, process {} on {}", purpose, ::getpid(), host_name());
  for (;;) {
    auto lock = std::make_unique<Neo4jLock>(connections, id, owner);
    // Asked for after ours was begun: of two who begin at once both see the same first.
    const auto holder = first_holder(connections);
    if (!holder || holder->id == id) {
      lock->hold();
      return lock;
    }
    lock.reset();
    connections.cancel().check();
    if (std::chrono::steady_clock::now() >= end) {
      throw Error(
          ErrorCode::locked,
          fmt::format("{}: held by another run ({})", connections.address().text(), holder->owner),
          "wait for it with --lock-wait SECONDS");
    }
    std::this_thread::sleep_for(kPause);
  }
}

std::string run_lock_owner(Connections& connections) {
  const auto holder = first_holder(connections);
  return holder ? holder->owner : std::string();
}

void await_writers(Connections& connections) {
  constexpr std::chrono::seconds kLongest{60};
  Backoff backoff(kLongest, connections.cancel());
  std::set<std::string> left = writers(connections);
  while (!left.empty() && backoff.pause()) {
    const std::set<std::string> now = writers(connections);
    std::erase_if(left, [&](const std::string& id) { return !now.contains(id); });
  }
  if (left.empty()) return;
  throw Error(ErrorCode::locked,
              connections.address().text() +
                  ": another prismctl, perhaps one that was killed, is "
                  "still writing",
              "SHOW TRANSACTIONS tells what it does");
}

}  // namespace prism::neo4j
