#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nats/nats.h>
#include <nlohmann/json.hpp>

#include <prism/backup/component.hpp>

#include "support/quiet.hpp"

namespace prism::test {

/// A connection that sees NATS from outside, as any client would.
class NatsClient {
 public:
  using Json = nlohmann::json;
  using Headers = std::vector<std::pair<std::string, std::string>>;

  explicit NatsClient(const std::string& url);

  /// The answer of JetStream's API, `subject` behind `$JS.API.`; an error too.
  Json ask(const std::string& subject, const Json& body = {});
  /// The same; an error is an exception.
  Json call(const std::string& subject, const Json& body = {});
  /// Publishes to a stream, and returns the sequence that it got.
  std::uint64_t publish(const std::string& subject, std::string_view data,
                        const Headers& headers = {});
  /// Creates a stream of that name with these settings beside the usual ones.
  void add_stream(const std::string& name, Json config);
  void add_consumer(const std::string& stream, const std::string& name, Json config = {});
  /// Takes messages by a consumer, and acknowledges those whose places are named.
  void take(const std::string& stream, const std::string& consumer, int count,
            const std::vector<int>& acknowledged);

  /// All that JetStream says of streams, messages and durable consumers, but for times of what is
  /// created anew.
  std::string state();
  std::vector<std::string> streams();
  void remove_all();

 private:
  std::string request(const std::string& subject, const std::string& body);

  struct Close {
    void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
  };
  std::unique_ptr<natsConnection, Close> connection_;
};

/// Streams of every kind: on disk and in memory, with consumers in the midst of delivery, deleted
/// messages, headers and binary data, a key-value bucket, an object store, a work queue, a mirror.
void fill_nats(const std::string& url);
/// Changes, adds and removes some of it.
void change_nats(const std::string& url);

std::unique_ptr<backup::Component> nats_target(const std::string& url, Quiet& quiet,
                                               bool exact = false);

}  // namespace prism::test
