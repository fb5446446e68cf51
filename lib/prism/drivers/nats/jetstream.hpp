#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <prism/base/export.hpp>
#include <prism/drivers/nats/connection.hpp>
#include <prism/drivers/nats/trouble.hpp>

namespace prism::nats {

using Json = nlohmann::ordered_json;

/// A stream as the server tells of it.
struct PRISM_API Stream {
  Json config;
  Json state;

  std::string name() const { return config.at("name"); }
  bool is_in_memory() const { return config.value("storage", "file") == "memory"; }
  /// By other streams.
  bool is_fed() const;
  /// Those that it takes. Without any, a stream takes its own name, unless others feed it.
  std::vector<std::string> subjects() const;
  std::uint64_t messages() const { return state.at("messages"); }
  std::uint64_t last() const { return state.at("last_seq"); }
  /// Messages that are gone between the first and the last.
  std::uint64_t gaps() const;
};

/// Requests to JetStream's API, `$JS.API.…`. Errors in answers are thrown in our words; so is
/// Error(internal) for an answer that is of another form.
class JetStream {
 public:
  explicit JetStream(Connection& connection) : connection_(connection) {}

  /// All but our own, by name. Throws Error(unavailable) where the servers of a cluster don't know
  /// of all.
  std::vector<Stream> streams();
  /// Throws Error(input_missing) where there is none.
  Stream stream(const std::string& name);
  /// Of a stream: `config`, `delivered`, `ack_floor` and so on, by name. Those without a durable
  /// name are left out: they are of a client that is connected.
  std::vector<Json> durable_consumers(const std::string& stream);
  /// Nothing where it is gone.
  void remove_stream(const std::string& name);

  /// The answer to a request, `subject` behind `$JS.API.`; what `limit` 0 stands for is the
  /// connection's own.
  Json call(const std::string& subject, const Json& body, const std::string& doing,
            Connection::Milliseconds limit = Connection::Milliseconds(0));

  Connection& connection() { return connection_; }

 private:
  Connection& connection_;
};

/// What takes as long as there are data: the server looks through all of them first.
inline constexpr Connection::Milliseconds kPatience{std::chrono::minutes(30)};

/// A cluster answers with those whose servers answered it in time, and names the others: throws
/// Error(unavailable) where there are some.
PRISM_API void require_all(const Json& answer, const std::string& where, const std::string& doing);

/// The error in an answer; code 0: there is none.
ApiError error_of(const Json& answer);

/// Throws Error(internal) that names `doing` for what is no JSON object.
Json parse_answer(std::string_view text, const std::string& where, const std::string& doing);

/// What the server that listens there says of itself to everyone who connects; empty where it says
/// nothing so soon.
std::string server_version(const Address& address, const Cancel& cancel);

}  // namespace prism::nats
