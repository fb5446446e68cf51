#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/base/socket.hpp>
#include <prism/drivers/neo4j/failure.hpp>
#include <prism/drivers/neo4j/handshake.hpp>
#include <prism/drivers/neo4j/login.hpp>
#include <prism/drivers/neo4j/query.hpp>
#include <prism/drivers/neo4j/wire.hpp>

namespace prism::neo4j {

/// How a transaction is begun.
struct Begin {
  AccessMode mode = AccessMode::write;
  std::span<const std::string> bookmarks = {};  ///< what it must see
};

/// One server, logged in. Used by one thread. Requests are answered in their order; those of
/// begin() and send() are waited for by the next one that waits. Throws Failure for what the server
/// or the way to it answered; after one of the server's (no is_connection()) a transaction is
/// rolled back and the connection may be used on, else usable() says that it may not.
class PRISM_API Connection {
 public:
  /// Throws Failure, Error(permission) for certificates, Error(configuration) where no server that
  /// we understand answers. `cancel` must outlive it.
  Connection(const Endpoint& endpoint, const Login& login, const Cancel& cancel);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// A query in the transaction that was begun, else one that commits by itself.
  Summary run(const Query& query, const TakeRecord& take = {}, const Begin& begin = {});
  /// The same; takes records only until `take` says that it is enough.
  Summary stream(const Query& query, const TakeSome& take, const Begin& begin = {});

  /// Nothing is waited for.
  void begin(const Begin& begin = {});
  /// A query of the transaction, sent without waiting for its answer. Its records go to `take`, all
  /// of them at once: meant for few.
  void send(const Query& query, TakeRecord take = {});
  /// What send() and begin() left: waits for all answers.
  void finish();
  /// Returns the bookmark. Throws CommitUnknown where the connection is lost before the answer.
  std::string commit();
  void rollback();

  /// Makes it as new: what was asked for and not answered is given up. False: it can't be used.
  bool reset();
  /// Idle, without a transaction, and not broken.
  bool usable() const { return !broken_ && !in_transaction_ && pending_.empty(); }
  bool in_transaction() const { return in_transaction_; }

  /// The server's answer to ROUTE, a map with `rt`.
  Map route(std::span<const std::string> bookmarks);

  const Endpoint& endpoint() const { return wire_.endpoint(); }
  std::string where() const { return endpoint().text(); }
  Version version() const { return version_; }
  const std::string& server() const { return server_; }  ///< such as `Neo4j/5.26.0`
  /// Records asked for at a time.
  void set_fetch_size(std::int64_t size) { fetch_size_ = size; }

 private:
  // to come
  Wire wire_;
  Version version_;
  std::string server_;
};

}  // namespace prism::neo4j
