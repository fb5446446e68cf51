#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/neo4j/connection.hpp>
#include <prism/drivers/neo4j/routing.hpp>

namespace prism::neo4j {

/// What `Connections::transact` hands out. Once something of it failed it is over: whatever is
/// asked for then throws Error(internal).
class PRISM_API Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}

  Summary run(const Query& query, const TakeRecord& take = {}) { return open().run(query, take); }
  Summary stream(const Query& query, TakeSome take) {
    return open().stream(query, std::move(take));
  }
  /// Without waiting: BEGIN, all that was sent and COMMIT go together. An error comes out of the
  /// next call that waits; the server does nothing of what is behind it.
  void send(const Query& query, const TakeRecord& take = {}) { open().send(query, take); }

 private:
  Connection& open() const;

  Connection& connection_;
};

struct PRISM_API ConnectionsOptions {
  Address address;
  config::Neo4jSettings settings = {};
  std::chrono::seconds wait{0};  ///< for a server that can't be reached yet
};

/// The connections to the server of an address, or to the cluster that it is of. Any thread may
/// call. What passes is tried again: a connection refused or lost for 3 s or, if that is longer,
/// `wait`; what the server has no time or place for (`Neo.TransientError.…`) for 30 s.
class PRISM_API Connections {
 public:
  class Lease;
  using Work = std::function<void(Transaction&)>;

  /// Connects to nobody yet.
  Connections(ConnectionsOptions options, Log& log, const Cancel& cancel);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  const Address& address() const { return options_.address; }
  const config::Neo4jSettings& settings() const { return options_.settings; }
  /// Random. SHOW TRANSACTIONS has it as `prismctl` in the metadata of what writes.
  const std::string& name() const { return name_; }
  Log& log() const { return log_; }
  const Cancel& cancel() const { return cancel_; }

  /// One that is open, to a server for that mode; tries again. Where all are in use that there may
  /// be (NEO4J_MAX_CONNECTIONS), waits until another thread gives one back, and throws
  /// Error(configuration) if none does within NEO4J_TIMEOUT.
  Lease take(AccessMode mode);

  /// Calls `work` in a transaction and commits it; all of it again where it failed for a reason
  /// that passes, so `work` must bear being called twice. Throws CommitUnknown, and tries no more,
  /// where the answer to COMMIT was lost; Failure with is_out_of_memory() at once.
  void transact(AccessMode mode, const Work& work);

  /// A query that commits by itself, as `CALL … IN TRANSACTIONS` must. Tried again only where it
  /// was not sent; else throws CommitUnknown where the connection is lost and the mode is write.
  Summary run(AccessMode mode, const Query& query, const TakeRecord& record = {});

  /// Calls `attempt` until it throws nothing, or what doesn't pass.
  void retried(const std::function<void()>& attempt);

 private:
  void take_place();
  Lease borrow(AccessMode mode);
  std::unique_ptr<Connection> find_idle(const Endpoint& endpoint);
  std::unique_ptr<Connection> open(const Endpoint& endpoint) const;
  void give_back(std::unique_ptr<Connection> connection) noexcept;
  void attempt(AccessMode mode, const Work& work);
  Begin begin(AccessMode mode, std::span<const std::string> seen) const;
  void attempt_on(Connection& connection, AccessMode mode, const Work& work);

  Endpoint server_for(AccessMode mode);
  RoutingTable ask_routers();
  void forget_routes();

  std::vector<std::string> bookmarks() const;
  void replace_bookmarks(const std::vector<std::string>& seen, const std::string& bookmark);

  ConnectionsOptions options_;
  Login login_;
  std::string name_;
  std::string metadata_;  ///< packed
  Log& log_;
  const Cancel& cancel_;

  mutable std::mutex mutex_;
  std::condition_variable given_back_;
  std::size_t in_use_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::vector<std::string> bookmarks_;  ///< of a cluster: what its next reader must have seen
  std::mutex routing_mutex_;
  std::optional<RoutingTable> table_;
  std::size_t turn_ = 0;  ///< whose it is of the servers of a table
};

/// A connection on loan. It goes back when this ends, or is closed if it isn't idle then.
class PRISM_API Connections::Lease {
 public:
  Lease(Lease&& other) noexcept
      : all_(std::exchange(other.all_, nullptr)), connection_(std::move(other.connection_)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Connection& operator*() const { return *connection_; }
  Connection* operator->() const { return connection_.get(); }
  /// Closes it, and no other.
  void drop() { connection_.reset(); }

 private:
  friend class Connections;
  explicit Lease(Connections& all) : all_(&all) {}

  Connections* all_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace prism::neo4j
