#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <prism/base/cancel.hpp>
#include <prism/drivers/neo4j/failure.hpp>
#include <prism/drivers/neo4j/handshake.hpp>
#include <prism/drivers/neo4j/login.hpp>
#include <prism/drivers/neo4j/messages.hpp>
#include <prism/drivers/neo4j/query.hpp>
#include <prism/drivers/neo4j/wire.hpp>

namespace prism::neo4j {

/// One server, logged in. Used by one thread. Requests are answered in their order; those of
/// begin() and send() are waited for by the next one that waits. Throws Failure for what the server
/// or the way to it answered. After one of the server's the transaction is rolled back and the
/// connection as new; after anything else that was thrown, reset() tells whether it can be used.
class PRISM_API Connection {
 public:
  /// Throws Failure, Error(permission) for certificates, Error(configuration) where no server that
  /// we understand answers. `cancel` must outlive it.
  Connection(const Endpoint& endpoint, const Login& login, const Cancel& cancel);
  /// Says farewell, without waiting. A transaction that is open is rolled back by the server.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// A query in the transaction that was begun, else one that commits by itself, begun as told;
  /// that throws CommitUnknown where a writing one is sent and the connection then lost.
  Summary run(const Query& query, const TakeRecord& take = {}, const Begin& begin = {});
  /// The same; records are taken only until `take` says that it is enough.
  Summary stream(const Query& query, TakeSome take, const Begin& begin = {});

  /// Nothing is sent before the next request.
  void begin(const Begin& begin = {});
  /// A query of the transaction, sent without waiting for its answer. Its records are asked for all
  /// at once: meant for few.
  void send(const Query& query, const TakeRecord& take = {});
  /// Waits for what begin() and send() left.
  void finish();
  /// Returns the bookmark. Throws CommitUnknown where the connection is lost before the answer.
  std::string commit();
  void rollback();

  /// Gives up what is under way, with its transaction. False: it can't be used any more.
  bool reset();
  /// Idle, without a transaction, and not broken.
  bool is_idle() const { return !wire_.broken() && !in_transaction_ && pending_.empty(); }
  bool in_transaction() const { return in_transaction_; }
  /// Idle, and the server has not closed it meanwhile.
  bool is_alive();

  /// The server's answer to ROUTE: a map with `rt`.
  Map route(std::span<const std::string> bookmarks = {});

  const Endpoint& endpoint() const { return wire_.endpoint(); }
  std::string where() const { return endpoint().text(); }
  Version version() const { return version_; }
  const std::string& server() const { return server_; }  ///< such as `Neo4j/5.26.0`
  /// How many records are asked for at a time.
  void set_fetch_size(std::int64_t records) { fetch_size_ = records; }

 private:
  enum class Kind : std::uint8_t { plain, records, reset };

  /// A request that was put on the wire and not answered yet.
  struct Pending {
    Kind kind = Kind::plain;
    TakeSome take = {};
    Summary* summary = nullptr;
    Map* metadata = nullptr;  ///< all of it
    bool enough = false;      ///< `take` wants no more
    std::size_t more = 0;     ///< times that it was asked for more records, not answered yet
  };

  Connection(Socket socket, const Login& login);
  void log_in(const Login& login);
  void heed_hints(const Map& hello);
  void request(const std::string& message, Pending pending);
  void request_run(const Query& query, const Begin& begin, Pending pending, std::int64_t records);
  void fetch(const Pending& pending, std::int64_t records);
  Summary execute(const Query& query, TakeSome take, const Begin& begin);

  void finish_commit();
  void await_answers();
  void take_answers();
  void take_answer();
  void take_record(Unpacker& message);
  void take_success(Unpacker& metadata);
  void take_failure(Unpacker& metadata);
  void answered();
  void look_ahead();
  void read_ahead();
  bool resetting() const { return !pending_.empty() && pending_.back().kind == Kind::reset; }

  Version version_;
  Wire wire_;
  std::string server_;
  std::string database_;
  std::int64_t fetch_size_ = 1'000;
  std::deque<Pending> pending_;
  std::size_t looked_at_ = 0;      ///< messages of the inbox
  std::size_t fully_here_ = 0;     ///< pending requests whose last answers are in the inbox
  std::size_t records_taken_ = 0;  ///< since something was read ahead
  std::optional<Failure> failure_;
  bool in_transaction_ = false;
};

}  // namespace prism::neo4j
