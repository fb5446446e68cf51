#include <fmt/format.h>

#include <prism/drivers/neo4j/answers.hpp>
#include <prism/drivers/neo4j/connection.hpp>

namespace prism::neo4j {
namespace {

constexpr std::int64_t kAll = -1;
constexpr std::size_t kAhead = std::size_t{1} << 20;  ///< bytes that wait to be taken
constexpr std::size_t kReadAheadEvery = 64;           ///< records
constexpr std::string_view kNoParameters = "\xA0";

const std::int64_t* integer_in(const Map& map, std::string_view key) {
  const Value* const value = map.find(key);
  return value == nullptr ? nullptr : value->get<std::int64_t>();
}

TakeSome all_of(const TakeRecord& take) {
  if (!take) return {};
  return [&take](Unpacker& fields) {
    take(fields);
    return true;
  };
}

}  // namespace

// ---- requests -----------------------------------------------------------------------------------

void Connection::request(const std::string& message, Pending pending) {
  wire_.put({message});
  pending_.push_back(std::move(pending));
}

void Connection::request_run(const Query& query, const Begin& begin, Pending pending,
                             std::int64_t records) {
  const std::string head = run_head(query.cypher);
  const std::string extras =
      in_transaction_ ? std::string(kNoParameters) : run_extras(begin, database_);
  Summary* const summary = pending.summary;
  pending_.push_back({.summary = summary});
  wire_.put({head, query.parameters.empty() ? kNoParameters : query.parameters, extras});
  fetch(pending, records);
  pending.kind = Kind::records;
  pending_.push_back(std::move(pending));
}

/// A server that is told to DISCARD may leave out what nobody sees, errors too: so records that
/// nobody takes are asked for as well, unless there were enough.
void Connection::fetch(const Pending& pending, std::int64_t records) {
  wire_.put({pending.enough ? fetch_message(message::kDiscard, kAll)
                            : fetch_message(message::kPull, records)});
}

Summary Connection::execute(const Query& query, TakeSome take, const Begin& begin) {
  Summary summary;
  const bool commits = !in_transaction_ && begin.mode == AccessMode::write;
  request_run(query, begin, {.take = std::move(take), .summary = &summary}, fetch_size_);
  try {
    finish();
  } catch (const Failure& failure) {
    if (commits && failure.is_connection()) throw CommitUnknown(failure);
    throw;
  }
  return summary;
}

Summary Connection::run(const Query& query, const TakeRecord& take, const Begin& begin) {
  return execute(query, all_of(take), begin);
}

Summary Connection::stream(const Query& query, TakeSome take, const Begin& begin) {
  return execute(query, std::move(take), begin);
}

void Connection::begin(const Begin& begin) {
  request(begin_message(begin, database_), {});
  in_transaction_ = true;
}

void Connection::send(const Query& query, const TakeRecord& take) {
  TakeSome some;
  if (take) {
    some = [take](Unpacker& fields) {
      take(fields);
      return true;
    };
  }
  request_run(query, {}, {.take = std::move(some)}, kAll);
  take_answers();
  if (failure_) finish();
}

std::string Connection::commit() {
  Summary summary;
  request(plain_message(message::kCommit), {.summary = &summary});
  finish_commit();
  in_transaction_ = false;
  return summary.bookmark;
}

void Connection::finish_commit() {
  constexpr std::string_view kHalfDone = "Neo.TransientError.Cluster.ReplicationFailure";
  try {
    finish();
  } catch (const Failure& failure) {
    if (failure.is_connection() || failure.server_code() == kHalfDone) throw CommitUnknown(failure);
    throw;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::io) throw CommitUnknown(error);  // what came was no answer
    throw;
  }
}

void Connection::rollback() {
  if (!in_transaction_) return;
  request(plain_message(message::kRollback), {});
  finish();
  in_transaction_ = false;
}

Map Connection::route(std::span<const std::string> bookmarks) {
  Map answer;
  request(route_message(endpoint(), bookmarks, database_), {.metadata = &answer});
  finish();
  return answer;
}

bool Connection::reset() {
  if (wire_.broken()) return false;
  if (is_idle()) return true;
  for (Pending& pending : pending_) pending = {.kind = pending.kind, .more = pending.more};
  failure_.reset();
  try {
    if (!resetting()) request(plain_message(message::kReset), {.kind = Kind::reset});
    await_answers();
  } catch (const Error&) {
    return false;
  }
  in_transaction_ = false;
  return !wire_.broken();
}

bool Connection::is_alive() {
  if (!is_idle()) return false;
  try {
    wire_.receive_some();
  } catch (const Error&) {
    return false;
  }
  return wire_.inbox().empty();
}

// ---- answers ------------------------------------------------------------------------------------

void Connection::finish() {
  try {
    await_answers();
  } catch (const Failure&) {
    if (!failure_) throw;  // else the server had spoken before
  }
  if (!failure_) return;
  const Failure failure = *failure_;
  failure_.reset();
  in_transaction_ = false;
  throw failure;
}

void Connection::await_answers() {
  wire_.flush();
  while (!pending_.empty()) {
    if (wire_.inbox().empty()) {
      wire_.receive();
      look_ahead();
    }
    take_answers();
  }
}

/// All that are here.
void Connection::take_answers() {
  look_ahead();
  while (!wire_.inbox().empty()) take_answer();
}

void Connection::take_answer() {
  Unpacker message(wire_.inbox().front());
  const auto header = message.structure();
  if (pending_.empty()) throw Error(ErrorCode::io, where() + ": answered without being asked");
  switch (header.tag) {
    case message::kRecord:
      take_record(message);
      break;
    case message::kSuccess:
      take_success(message);
      break;
    case message::kIgnored:
      answered();
      break;
    case message::kFailure:
      take_failure(message);
      break;
    default:
      throw Error(ErrorCode::io, fmt::format("{}: message 0x{:02X} is none that a server sends",
                                             where(), header.tag));
  }
  wire_.inbox().pop();
  --looked_at_;
  read_ahead();
}

void Connection::take_record(Unpacker& message) {
  Pending& pending = pending_.front();
  if (pending.kind != Kind::records) throw Error(ErrorCode::io, where() + ": sent a stray record");
  if (pending.enough || !pending.take) return;
  message.list();
  if (pending.take(message)) return;
  pending.enough = true;
  if (pending.summary != nullptr) pending.summary->stopped = true;
}

void Connection::take_success(Unpacker& metadata) {
  Pending& pending = pending_.front();
  if (pending.more > 0) {  // the next records were asked for
    --pending.more;
    return;
  }
  if (pending.summary != nullptr) add_to(*pending.summary, metadata);
  if (pending.metadata != nullptr) *pending.metadata = metadata.map_value();
  answered();
}

/// Behind a failure the server ignores all until a RESET, which is answered last.
void Connection::take_failure(Unpacker& metadata) {
  if (pending_.front().kind == Kind::reset) {
    throw Error(ErrorCode::io, where() + ": the connection could not be reset");
  }
  const bool first = !resetting();
  if (first) failure_.emplace(failure_of(where(), metadata));
  answered();
  if (!first) return;
  request(plain_message(message::kReset), {.kind = Kind::reset});
  wire_.flush();
}

void Connection::answered() {
  pending_.pop_front();
  --fully_here_;
}

/// Asks for the next records as soon as the last ones have arrived, before they are taken: so the
/// server works on while we do.
void Connection::look_ahead() {
  bool asked = false;
  for (Inbox& inbox = wire_.inbox(); looked_at_ < inbox.size(); ++looked_at_) {
    const std::string_view message = inbox.at(looked_at_);
    const std::uint8_t tag = tag_of(message);
    if (tag == message::kRecord || fully_here_ >= pending_.size()) continue;
    Pending& pending = pending_[fully_here_];
    const bool records = pending.kind == Kind::records && !resetting();
    if (records && tag == message::kSuccess && has_more(message)) {
      fetch(pending, fetch_size_);
      ++pending.more;
      asked = true;
    } else {
      ++fully_here_;
    }
  }
  if (asked) wire_.flush();
}

/// Now and then between two records, as long as few bytes wait to be taken.
void Connection::read_ahead() {
  if (++records_taken_ < kReadAheadEvery) return;
  records_taken_ = 0;
  if (wire_.inbox().bytes() < kAhead && wire_.receive_some()) look_ahead();
}

// ---- begin and end ------------------------------------------------------------------------------

Connection::~Connection() {
  if (wire_.broken() || !pending_.empty()) return;
  try {
    wire_.put({plain_message(message::kGoodbye)});
    wire_.flush_some();
  } catch (const std::exception&) {
    return;  // the server notices anyway
  }
}

namespace {

Socket connect(const Endpoint& endpoint, const SocketOptions& options, const Cancel& cancel) {
  try {
    return {endpoint, options, cancel};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    const bool refused_tls =
        options.tls && std::string(error.what()).find("no TLS connection") != std::string::npos;
    throw Failure(error, refused_tls ? "does the server speak TLS on this port? Without it: "
                                       "bolt:// or neo4j://"
                                     : "");
  }
}

}  // namespace

Connection::Connection(const Endpoint& endpoint, const Login& login, const Cancel& cancel)
    : Connection(connect(endpoint, login.socket, cancel), login) {}

Connection::Connection(Socket socket, const Login& login)
    : version_(shake_hands(socket)),
      wire_(std::move(socket), login.socket.timeout),
      database_(login.database) {
  log_in(login);
}

void Connection::log_in(const Login& login) {
  Map hello;
  request(hello_message(version_, login, endpoint()), {.metadata = &hello});
  if (version_ >= Version{5, 1}) request(logon_message(login), {});
  finish();
  if (const Value* const server = hello.find("server")) {
    if (const auto* const name = server->get<std::string>()) server_ = *name;
  }
  heed_hints(hello);
}

/// A server that says how often it is heard of at least may take longer for an answer.
void Connection::heed_hints(const Map& hello) {
  const Value* const found = hello.find("hints");
  const Map* const hints = found == nullptr ? nullptr : found->get<Map>();
  if (hints == nullptr) return;
  const auto* const seconds = integer_in(*hints, "connection.recv_timeout_seconds");
  if (seconds != nullptr && *seconds > 0 && *seconds < 86'400) {
    wire_.set_silence(std::chrono::seconds(*seconds));
  }
}

}  // namespace prism::neo4j
