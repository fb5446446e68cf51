#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <prism/backup/component.hpp>
#include <prism/drivers/consul/client.hpp>

#include "support/quiet.hpp"

namespace prism::test {

/// A Consul server as its own users see it.
class ConsulServer {
 public:
  /// `url` as scripts/services gives it, http://…
  explicit ConsulServer(std::string url, std::string token = {})
      : url_(std::move(url)), token_(std::move(token)) {}

  /// Throws std::runtime_error for anything but 200 and 404; returns the answer's text.
  std::string ask(const std::string& method, const std::string& path,
                  std::string_view body = {}) const;
  nlohmann::json get(const std::string& path) const;
  void put(const std::string& path, std::string_view body = {}) const { ask("PUT", path, body); }

  /// All KV entries, tokens, policies, config entries and services that are there.
  std::string state() const;

  consul::ClientOptions options() const;
  /// `consul://…`, of this server or of a proxy before it.
  std::unique_ptr<backup::Component> target(Quiet& quiet, const std::string& host = {}) const;
  /// HOST:PORT
  std::string host() const { return url_.substr(url_.find("//") + 2); }
  const std::string& token() const { return token_; }

 private:
  std::string url_;
  std::string token_;
};

/// Binary values, flags, odd names, a config entry and a service that no agent has.
void fill_consul(const ConsulServer& server);
/// Tokens and a policy; the SecretID of one of them.
std::string fill_consul_acl(const ConsulServer& server);

/// Some 4 MB of values that can't be compressed.
void fill_consul_more(const ConsulServer& server);

}  // namespace prism::test
