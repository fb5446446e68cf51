#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/http.hpp>
#include <prism/base/log.hpp>
#include <prism/base/stream.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/consul/address.hpp>

namespace prism::consul {

struct ClientOptions {
  Address address = {};
  config::ConsulSettings settings = {};
  std::chrono::milliseconds wait{0};  ///< for a server that can't be reached yet, or has no leader
};

/// Asks a Consul agent. Errors name it: Error(unavailable) for what a later try may mend,
/// Error(permission) for a token that may not or a certificate that isn't trusted, Error(bad_data)
/// for a snapshot that the server refuses, else Error(io). Used by one thread.
class PRISM_API Client {
 public:
  /// Asks nothing yet. `log` and `cancel` must outlive it.
  Client(ClientOptions options, Log& log, const Cancel& cancel);

  /// Returns once the agent answers and knows a leader.
  void await_leader();

  /// A consistent one, as it comes.
  std::unique_ptr<HttpExchange> snapshot();

  /// All or nothing: the server takes it as a whole or keeps what it has. Returns once a leader
  /// serves what was restored.
  void restore(ByteSource& snapshot);

  /// Empty where the token may not ask for it.
  std::string version();

  /// What the server answers at that path of its API.
  std::string text_of(const std::string& path);

  /// Whether there is anything in the key/value store. False where the token may not ask.
  bool has_keys();

  /// Whether the server looks at tokens at all.
  bool has_acls();

 private:
  std::unique_ptr<HttpExchange> ask(const std::string& method, const std::string& path,
                                    ByteSource* body, std::chrono::milliseconds answer_timeout);
  std::unique_ptr<HttpExchange> get(const std::string& path);
  void require_leader();
  void await_reads();

  ClientOptions options_;
  Log& log_;
  const Cancel& cancel_;
};

}  // namespace prism::consul
