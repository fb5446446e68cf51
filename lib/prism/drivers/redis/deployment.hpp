#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <prism/drivers/redis/topology.hpp>

namespace prism::redis {

/// The servers of one URL, and a connection to each that was asked something. Used by one thread.
class Deployment {
 public:
  using Milliseconds = std::chrono::milliseconds;
  using Words = Connection::Words;

  /// Finds the servers, waiting `wait` for those that can't be reached yet.
  Deployment(Address address, Login login, Milliseconds wait, Log& log, const Cancel& cancel);

  const Address& address() const { return address_; }
  const Login& login() const { return login_; }
  const Topology& topology() const { return topology_; }
  /// Whether another server may take the place of one that is lost.
  bool has_failover() const { return address_.form != Form::single; }

  /// How long a failover is waited for from now on; at first the `wait` of the constructor.
  void set_patience(Milliseconds patience) { patience_ = patience; }
  Milliseconds patience() const { return patience_; }

  /// Asks for the servers anew; connections are opened anew too.
  void refresh();

  /// Opened when first asked for.
  Connection& primary(std::size_t index);

  /// Does something on the server of a key. Where servers change or are lost and there is a
  /// failover, they are asked for anew and it is done again.
  void on_server_of(std::string_view key, const std::function<void(Connection&)>& work);

  /// The answer to a command about one key; an error is thrown in our words.
  std::unique_ptr<Reply> call(std::string_view key, Words words);
  /// The same for a command as it goes over the wire.
  std::unique_ptr<Reply> call_raw(std::uint16_t slot, std::string_view command);

 private:
  Connection& at(const Endpoint& endpoint);
  void on_server_of(std::uint16_t slot, const std::function<void(Connection&)>& work);
  /// The answer of the server that an ASK names, which takes over the key's slot.
  std::unique_ptr<Reply> follow(const std::string& ask, std::string_view command);

  Address address_;
  Login login_;
  Milliseconds patience_;
  Log& log_;
  const Cancel& cancel_;
  Topology topology_;
  std::map<std::string, std::unique_ptr<Connection>> connections_;  ///< by endpoint
};

}  // namespace prism::redis
