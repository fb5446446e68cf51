#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/neo4j/connection.hpp>

namespace prism::neo4j {

/// What `Connections::transact` hands out.
class PRISM_API Transaction {
 public:
  explicit Transaction(Connection& connection) : connection_(connection) {}

  Summary run(const Query& query, const TakeRecord& take = {}) {
    return connection_.run(query, take);
  }
  Summary stream(const Query& query, const TakeSome& take) {
    return connection_.stream(query, take);
  }
  /// Sent without waiting: BEGIN, all that was sent and COMMIT go together, and an error of any
  /// comes out at the next that waits.
  void send(const Query& query, TakeRecord take = {}) { connection_.send(query, std::move(take)); }

 private:
  Connection& connection_;
};

struct PRISM_API ConnectionsOptions {
  Address address;
  config::Neo4jSettings settings = {};
  std::chrono::seconds wait{0};  ///< for a server that can't be reached yet
};

/// The connections to the server or cluster of one address. Any thread may call; each connection
/// serves one at a time. What passes is tried again: a connection refused or lost for 3 s or `wait`
/// if that is longer, a server that has no time (`Neo.TransientError.…`) for 30 s.
class PRISM_API Connections {
 public:
  class Lease;
  using Work = std::function<void(Transaction&)>;

  Connections(ConnectionsOptions options, Log& log, const Cancel& cancel);
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  const Address& address() const;

  /// One that is open, to a server for that mode. Where all are in use that there may be
  /// (NEO4J_MAX_CONNECTIONS), waits until another thread gives one back. Tries again.
  Lease take(AccessMode mode);

  /// Calls `work` in a transaction and commits it; all of it again where it failed for a reason
  /// that passes, so `work` must bear being called twice. Returns the bookmark. Throws CommitUnknown
  /// where the answer to COMMIT was lost: that is not tried again.
  std::string transact(AccessMode mode, const Work& work);

  /// A query that commits by itself (as `CALL … IN TRANSACTIONS` must). Only tried again where it
  /// never began; throws CommitUnknown where a writing one was sent and the connection then lost.
  Summary run(AccessMode mode, const Query& query, const TakeRecord& record = {});
};

}  // namespace prism::neo4j
