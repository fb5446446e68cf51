#include <algorithm>

#include <prism/base/socket.hpp>
#include <prism/drivers/nats/jetstream.hpp>
#include <prism/drivers/nats/restore_record.hpp>

namespace prism::nats {
namespace {

constexpr int kNoStream = 10059;

/// Some of a list, and how much there is of it.
struct Page {
  Json items = Json::array();
  std::size_t total = 0;
};

Page page_of(const Json& answer, const char* name) {
  Page page;
  const auto found = answer.find(name);
  if (found != answer.end() && found->is_array()) page.items = *found;
  page.total = answer.value("total", std::size_t{0});
  return page;
}

/// All pages of a list. One that grows meanwhile is seen as far as it is seen.
std::vector<Json> list(JetStream& jetstream, const std::string& subject, const char* name,
                       const std::string& doing) {
  std::vector<Json> all;
  for (;;) {
    const Json answer = jetstream.call(subject, {{"offset", all.size()}}, doing);
    require_all(answer, jetstream.connection().where(), doing);
    const Page page = page_of(answer, name);
    all.insert(all.end(), page.items.begin(), page.items.end());
    if (page.items.empty() || all.size() >= page.total) return all;
  }
}

Stream stream_of(const Json& info) { return {info.at("config"), info.at("state")}; }

}  // namespace

bool Stream::is_fed() const {
  const auto has = [&](const char* key) {
    const auto found = config.find(key);
    return found != config.end() && !found->empty();
  };
  return has("mirror") || has("sources");
}

std::vector<std::string> Stream::subjects() const {
  const auto found = config.find("subjects");
  if (found != config.end() && found->is_array() && !found->empty()) return *found;
  return is_fed() ? std::vector<std::string>() : std::vector<std::string>{name()};
}

std::uint64_t Stream::gaps() const {
  const std::uint64_t first = state.value("first_seq", std::uint64_t{0}), all = last() - first + 1;
  return messages() == 0 || last() < first || all < messages() ? 0 : all - messages();
}

void require_all(const Json& answer, const std::string& where, const std::string& doing) {
  for (const char* const key : {"missing", "offline"}) {
    const auto found = answer.find(key);
    if (found == answer.end() || found->empty()) continue;
    throw Error(ErrorCode::unavailable,
                where + ": " + doing + ": the cluster has no answer for " + found->dump(),
                "see whether each of them has a leader");
  }
}

ApiError error_of(const Json& answer) {
  const auto error = answer.find("error");
  if (error == answer.end() || !error->is_object()) return {};
  return {error->value("code", 500), error->value("err_code", 0),
          error->value("description", "an error without words")};
}

Json parse_answer(std::string_view text, const std::string& where, const std::string& doing) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_object()) return json;
  throw Error(ErrorCode::internal, where + ": " + doing + ": the answer is no JSON object");
}

Json JetStream::call(const std::string& subject, const Json& body, const std::string& doing,
                     Connection::Milliseconds limit) {
  const std::string text = body.is_null() ? "" : body.dump();
  const Message message = connection_.request("$JS.API." + subject, text,
                                              limit.count() == 0 ? connection_.timeout() : limit);
  Json answer = parse_answer(message.data(), connection_.where(), doing);
  const ApiError error = error_of(answer);
  if (error.code != 0) throw api_trouble(error, connection_.where(), doing);
  return answer;
}

std::vector<Stream> JetStream::streams() {
  std::vector<Stream> streams;
  try {
    for (const Json& info : list(*this, "STREAM.LIST", "streams", "the list of streams")) {
      Stream stream = stream_of(info);
      if (stream.name() != kRestoreRecord) streams.push_back(std::move(stream));
    }
  } catch (const Json::exception& e) {
    throw Error(ErrorCode::internal, connection_.where() + ": the list of streams: " + e.what());
  }
  std::sort(streams.begin(), streams.end(),
            [](const Stream& a, const Stream& b) { return a.name() < b.name(); });
  return streams;
}

Stream JetStream::stream(const std::string& name) {
  return stream_of(call("STREAM.INFO." + name, {}, "stream " + name));
}

std::vector<Json> JetStream::durable_consumers(const std::string& stream) {
  std::vector<Json> durable;
  for (Json& consumer :
       list(*this, "CONSUMER.LIST." + stream, "consumers", "the consumers of stream " + stream)) {
    if (!consumer.at("config").value("durable_name", "").empty()) {
      durable.push_back(std::move(consumer));
    }
  }
  return durable;
}

void JetStream::remove_stream(const std::string& name) {
  const Message message = connection_.request("$JS.API.STREAM.DELETE." + name, {}, kPatience);
  const std::string doing = "removing stream " + name;
  const ApiError error = error_of(parse_answer(message.data(), connection_.where(), doing));
  if (error.code == 0 || error.number == kNoStream) return;
  throw api_trouble(error, connection_.where(), doing);
}

std::string server_version(const Address& address, const Cancel& cancel) {
  constexpr std::size_t kMost = 64 * 1024;
  for (const Endpoint& endpoint : address.endpoints) {
    try {
      Socket socket(endpoint, {.timeout = std::chrono::seconds(2)}, cancel);
      std::string line;
      while (line.find('\n') == std::string::npos && line.size() < kMost) {
        char bytes[4096];
        const std::size_t size = socket.read_some(bytes);
        line.append(bytes, size);
        if (size == 0) socket.wait({});
      }
      const auto begin = line.find('{');
      if (begin == std::string::npos) return {};
      const Json info = Json::parse(line.substr(begin), nullptr, false);
      return info.is_object() ? info.value("version", "") : "";
    } catch (const Error& e) {
      if (e.code() != ErrorCode::unavailable) throw;
    }
  }
  return {};
}

}  // namespace prism::nats
