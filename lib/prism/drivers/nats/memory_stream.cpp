#include <algorithm>

#include <prism/base/backoff.hpp>
#include <prism/base/sha256.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/nats/base64.hpp>
#include <prism/drivers/nats/memory_stream.hpp>
#include <prism/drivers/nats/message_lines.hpp>
#include <prism/drivers/nats/subjects.hpp>

namespace prism::nats {
namespace {

constexpr int kNoMessage = 10037;
constexpr int kNothingThere = 10043;  // sequence not found
constexpr std::string_view kConditions = "Nats-Expected-";
constexpr std::uint64_t kMostGaps = 1'000'000;

// ---- copying ------------------------------------------------------------------------------------

/// The first at that sequence or behind it; null: there is none.
Json next_message(JetStream& jetstream, const std::string& stream, std::uint64_t sequence) {
  Connection& connection = jetstream.connection();
  const Json body{{"seq", sequence}, {"next_by_subj", ">"}};
  const std::string doing = "reading a message of stream " + stream;
  const Message message = connection.request("$JS.API.STREAM.MSG.GET." + stream, body.dump());
  const Json answer = parse_answer(message.data(), connection.where(), doing);
  const ApiError error = error_of(answer);
  if (error.number == kNoMessage) return {};
  if (error.code != 0) throw api_trouble(error, connection.where(), doing);
  return answer.at("message");
}

/// Those of `NATS/1.0\r\nNAME: VALUE\r\n…` but for conditions.
Headers headers_of(std::string_view text) {
  Headers headers;
  text.remove_prefix(std::min(text.find("\r\n"), text.size()));
  while (text.starts_with("\r\n")) {
    text.remove_prefix(2);
    const auto end = std::min(text.find("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || line.starts_with(kConditions)) continue;
    headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return headers;
}

/// Of messages; the order of headers does not count, for the library that publishes has its own.
class Digest {
 public:
  void add(const StoredMessage& message) {
    Headers headers = headers_of(message.headers);
    std::sort(headers.begin(), headers.end());
    std::string head = std::to_string(message.sequence) + " " + message.subject + "\n";
    for (const auto& [name, value] : headers) head += name + ": " + value + "\n";
    hash_.add(head + std::to_string(message.data.size()) + "\n");
    hash_.add(message.data);
  }
  std::string hex() { return hash_.hex(); }

 private:
  Sha256 hash_;
};

/// Calls `take` with each message as the server has it, up to the last that the stream has told of.
template <typename Take>
void each_message(JetStream& jetstream, const Stream& stream, Take&& take) {
  for (std::uint64_t sequence = 1; sequence <= stream.last();) {
    const Json message = next_message(jetstream, stream.name(), sequence);
    if (message.is_null()) return;
    const std::uint64_t found = message.at("seq");
    if (found > stream.last()) return;
    take(message);
    sequence = found + 1;
  }
}

bool takes(const std::vector<std::string>& subjects, const std::string& subject) {
  return std::any_of(subjects.begin(), subjects.end(),
                     [&](const std::string& one) { return overlap(one, subject); });
}

bool has_conditions(const Json& message) {
  const auto found = message.find("hdrs");
  if (found == message.end()) return false;
  const auto headers = decoded_base64(found->get_ref<const std::string&>());
  return headers && headers->find(kConditions) != std::string::npos;
}

}  // namespace

std::string why_not_copied(const Stream& stream) {
  const auto has = [&](const char* key) {
    const auto found = stream.config.find(key);
    return found != stream.config.end() && !found->empty() && *found != false;
  };
  if (has("mirror") || has("sources")) return "in memory and fed by other streams";
  if (has("subject_transform")) return "in memory, and transforms subjects";
  if (has("allow_msg_counter")) return "in memory, and counts";
  if (has("allow_msg_schedules")) return "in memory, and has messages for later";
  if (has("republish")) return "in memory, and republishes what it takes";
  if (has("sealed")) return "in memory and sealed";
  if (has("template_owner")) return "in memory, and belongs to a template";
  if (stream.config.value("retention", "limits") == "interest") {
    return "in memory, with retention by interest";
  }
  if (stream.gaps() > kMostGaps) {
    return "in memory, and " + with_separators(stream.gaps()) +
           " messages are gone from between the others";
  }
  return {};
}

CopiedMessages copy_messages(JetStream& jetstream, const Stream& stream, ByteSink& sink) {
  const std::string name = stream.name();
  sink.write(first_message_line(name));
  const auto subjects = stream.subjects();
  CopiedMessages copied;
  each_message(jetstream, stream, [&](const Json& message) {
    if (!takes(subjects, message.at("subject").get_ref<const std::string&>())) {
      ++copied.homeless;
      return;
    }
    sink.write(message.dump() + "\n");
    ++copied.count;
    if (has_conditions(message)) ++copied.conditional;
  });
  sink.write(last_message_line(copied.count));
  sink.finish();
  return copied;
}

void check_messages(backup::ArtifactReader& artifacts, const IndexEntry& entry,
                    const Stream& stream, const Cancel& cancel) {
  const auto source = artifacts.open(entry.data_artifact());
  MessageLines lines(*source, entry.name);
  const auto subjects = stream.subjects();
  std::uint64_t count = 0;
  while (const auto message = lines.next()) {
    cancel.check();
    ++count;
    if (message->sequence > stream.last()) {
      throw Error(ErrorCode::bad_data, entry.data_artifact() + ": a message behind the last");
    }
    if (takes(subjects, message->subject)) continue;
    throw Error(ErrorCode::bad_data, entry.data_artifact() + ": a message of the subject " +
                                         in_quotes(message->subject) +
                                         ", which the stream does not take");
  }
  if (count == entry.messages) return;
  throw Error(ErrorCode::bad_data, entry.data_artifact() + ": " + with_separators(count) +
                                       " messages, expected " + with_separators(entry.messages));
}

namespace {

// ---- restoring ----------------------------------------------------------------------------------

/// What lets all messages in, and those in the places of missing ones.
Json without_limits(Json config) {
  for (const char* const key : {"max_msgs", "max_msgs_per_subject", "max_msg_size"}) {
    config[key] = -1;
  }
  // Some accounts ask for a limit.
  const std::int64_t most = config.value("max_bytes", std::int64_t{-1});
  constexpr std::int64_t kMore = std::int64_t{64} << 20;
  if (most > 0) config["max_bytes"] = std::min(most, (std::int64_t{1} << 61)) + kMore;
  config["max_age"] = 0;
  config["discard"] = "old";
  config["discard_new_per_subject"] = false;
  config["no_ack"] = false;
  config["deny_delete"] = false;
  config["deny_purge"] = false;
  constexpr std::int64_t kShortest = 100'000'000;  // ns
  config["duplicate_window"] = kShortest;
  return config;
}

class Publisher {
 public:
  Publisher(JetStream& jetstream, const std::string& stream)
      : jetstream_(jetstream), connection_(jetstream.connection()), stream_(stream) {}

  /// The first message has this sequence; there is none yet.
  void begin_at(std::uint64_t sequence) {
    next_ = sequence;
    if (sequence <= 1) return;
    jetstream_.call("STREAM.PURGE." + stream_, {{"seq", sequence}}, "preparing stream " + stream_);
  }

  void put(const StoredMessage& message) {
    fill_until(message.sequence, message.subject);
    publish(message.subject, headers_of(message.headers), message.data);
  }

  void fill_until(std::uint64_t sequence, const std::string& subject) {
    while (next_ < sequence) {
      publish(subject, {}, "");
      remove(next_ - 1);
    }
  }

 private:
  void publish(const std::string& subject, const Headers& headers, std::string_view data) {
    // The same Nats-Msg-Id is taken again only after a while.
    Backoff backoff(std::chrono::seconds(5), connection_.cancel());
    for (;;) {
      const Message message = connection_.request(subject, headers, data);
      const Json answer = parse_answer(message.data(), connection_.where(), doing());
      const ApiError error = error_of(answer);
      if (error.code != 0) throw api_trouble(error, connection_.where(), doing());
      if (answer.value("stream", stream_) != stream_) fail("another stream takes " + subject);
      if (!answer.value("duplicate", false)) return take(answer.value("seq", std::uint64_t{0}));
      if (!backoff.pause()) fail("a message is taken for one that is there");
    }
  }

  void take(std::uint64_t sequence) {
    if (sequence != next_) fail("someone else publishes to it");
    ++next_;
  }

  void remove(std::uint64_t sequence) {
    const Json body{{"seq", sequence}, {"no_erase", true}};
    const Message message =
        connection_.request("$JS.API.STREAM.MSG.DELETE." + stream_, body.dump());
    const ApiError error = error_of(parse_answer(message.data(), connection_.where(), doing()));
    const bool gone = error.number == kNothingThere || error.number == kNoMessage;
    if (error.code != 0 && !gone) throw api_trouble(error, connection_.where(), doing());
  }

  std::string doing() const { return "restoring stream " + stream_; }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::refused, connection_.where() + ": " + doing() + ": " + what,
                "no one may publish to it meanwhile");
  }

  JetStream& jetstream_;
  Connection& connection_;
  std::string stream_;
  std::uint64_t next_ = 1;
};

/// A subject of the stream, with words in place of wildcards.
std::string some_subject(const Stream& stream) {
  const auto subjects = stream.subjects();
  std::string subject = subjects.empty() ? stream.name() : subjects.front();
  std::replace(subject.begin(), subject.end(), '*', '_');
  std::replace(subject.begin(), subject.end(), '>', '_');
  return subject;
}

}  // namespace

void restore_messages(JetStream& jetstream, backup::ArtifactReader& artifacts,
                      const IndexEntry& entry, const Stream& stream) {
  const std::string doing = "restoring stream " + entry.name;
  jetstream.call("STREAM.CREATE." + entry.name, without_limits(stream.config), doing);
  Publisher publisher(jetstream, entry.name);
  const auto source = artifacts.open(entry.data_artifact());
  MessageLines lines(*source, entry.name);
  std::string subject = some_subject(stream);
  auto message = lines.next();
  publisher.begin_at(message ? message->sequence : stream.last() + 1);
  for (; message; message = lines.next()) {
    publisher.put(*message);
    subject = message->subject;
  }
  publisher.fill_until(stream.last() + 1, subject);
  jetstream.call("STREAM.UPDATE." + entry.name, stream.config, doing);
}

std::string digest_of_messages(backup::ArtifactReader& artifacts, const IndexEntry& entry) {
  const auto source = artifacts.open(entry.data_artifact());
  MessageLines lines(*source, entry.name);
  Digest digest;
  while (const auto message = lines.next()) digest.add(*message);
  return digest.hex();
}

std::string digest_of_messages(JetStream& jetstream, const Stream& stream) {
  Digest digest;
  each_message(jetstream, stream,
               [&](const Json& message) { digest.add(stored_message(message)); });
  return digest.hex();
}

}  // namespace prism::nats
