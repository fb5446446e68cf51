#include <algorithm>
#include <charconv>

#include <prism/drivers/nats/transfer.hpp>

namespace prism::nats {
namespace {

/// Small enough that a server which waits for us in vain, for 10 ms a chunk beyond 8 MiB, does not
/// flood us.
constexpr std::size_t kDumpChunk = std::size_t{64} << 10;
constexpr std::size_t kRestoreChunk = std::size_t{256} << 10;
constexpr std::size_t kUnanswered = 16;

/// The number of a chunk in `$JS.SNAPSHOT.ACK.STREAM.ID.SIZE.NUMBER`; 0: there is none.
std::uint64_t number_of(std::string_view reply) {
  const std::string_view word = reply.substr(reply.rfind('.') + 1);
  std::uint64_t number = 0;
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

}  // namespace

SnapshotSource::SnapshotSource(JetStream& jetstream, const std::string& stream)
    : connection_(jetstream.connection()), name_(stream) {
  const std::string inbox = Connection::new_inbox();
  chunks_ = connection_.subscribe(inbox);
  const Json answer = jetstream.call("STREAM.SNAPSHOT." + stream,
                                     {{"deliver_subject", inbox},
                                      {"no_consumers", false},
                                      {"chunk_size", kDumpChunk},
                                      {"jsck", true}},
                                     "the snapshot of stream " + stream, kPatience);
  stream_ = {answer.at("config"), answer.at("state")};
}

std::size_t SnapshotSource::read(std::span<char> into) {
  while (at_ == chunk_.size()) {
    if (!next_chunk()) return 0;
  }
  const std::size_t size = chunk_.copy(into.data(), into.size(), at_);
  at_ += size;
  return size;
}

bool SnapshotSource::next_chunk() {
  if (ended_) return false;
  const auto limit =
      std::max<Connection::Milliseconds>(connection_.timeout(), std::chrono::minutes(1));
  const Message message = connection_.next(chunks_, limit);
  at_ = 0;
  chunk_ = message.data();
  const std::string where = connection_.where() + ": the snapshot of stream " + name_;
  if (const std::string_view status = message.header("Status"); !status.empty()) {
    throw Error(
        ErrorCode::io,
        where + ": " + std::string(status) + " " + std::string(message.header("Description")),
        "see the server's log");
  }
  if (chunk_.empty()) {
    ended_ = true;
    return false;
  }
  ++received_;
  const std::uint64_t number = message.reply().empty() ? received_ : number_of(message.reply());
  if (number != received_) {
    throw Error(ErrorCode::io, where + ": a chunk was lost", "try again");
  }
  if (copy_ != nullptr) copy_->write(chunk_);
  if (!message.reply().empty()) connection_.publish(std::string(message.reply()), "", "");
  return true;
}

namespace {

class Sender {
 public:
  Sender(Connection& connection, std::string to, const std::string& stream)
      : connection_(connection),
        to_(std::move(to)),
        doing_("restoring stream " + stream),
        inbox_(Connection::new_inbox()),
        answers_(connection.subscribe(inbox_)) {}

  void send(ByteSource& source) {
    std::string chunk(std::min(kRestoreChunk, connection_.max_payload()), '\0');
    while (const std::size_t size = fill(source, chunk)) {
      if (sent_ >= answered_ + kUnanswered) take_answer(connection_.timeout());
      connection_.publish(to_, inbox_, std::string_view(chunk).substr(0, size));
      ++sent_;
    }
    while (answered_ < sent_) take_answer(connection_.timeout());
  }

  Json finish() {
    connection_.publish(to_, inbox_, "");
    const Message message = connection_.next(answers_, kPatience);
    Json answer = parse_answer(message.data(), connection_.where(), doing_);
    const ApiError error = error_of(answer);
    if (error.code != 0) throw api_trouble(error, connection_.where(), doing_);
    return answer;
  }

 private:
  static std::size_t fill(ByteSource& source, std::string& chunk) {
    std::size_t size = 0;
    while (size < chunk.size()) {
      const std::size_t got = source.read(std::span(chunk).subspan(size));
      if (got == 0) break;
      size += got;
    }
    return size;
  }

  /// Nothing is good; else it is `-ERR '…'`, or the answer that belongs at the end.
  void take_answer(Connection::Milliseconds limit) {
    const Message message = connection_.next(answers_, limit);
    if (message.data().empty()) {
      ++answered_;
      return;
    }
    const Json answer = Json::parse(message.data(), nullptr, false);
    const ApiError error = answer.is_object() ? error_of(answer) : ApiError();
    if (error.code != 0) throw api_trouble(error, connection_.where(), doing_);
    throw Error(ErrorCode::io,
                connection_.where() + ": " + doing_ + ": " + std::string(message.data()),
                "see the server's log");
  }

  Connection& connection_;
  std::string to_;
  std::string doing_;
  std::string inbox_;
  Subscription answers_;
  std::uint64_t sent_ = 0, answered_ = 0;
};

}  // namespace

Json send_snapshot(JetStream& jetstream, const Stream& stream, ByteSource& snapshot) {
  const std::string name = stream.name();
  const Json answer =
      jetstream.call("STREAM.RESTORE." + name, {{"config", stream.config}, {"state", stream.state}},
                     "restoring stream " + name);
  Sender sender(jetstream.connection(), answer.at("deliver_subject"), name);
  sender.send(snapshot);
  return sender.finish().value("state", Json::object());
}

}  // namespace prism::nats
