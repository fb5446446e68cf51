#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nats/nats.h>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/nats/address.hpp>

namespace prism::nats {

template <auto Destroy>
struct Destroyer {
  template <typename Object>
  void operator()(Object* object) const {
    Destroy(object);
  }
};

/// One that came in.
class Message {
 public:
  explicit Message(natsMsg* message) : message_(message) {}

  std::string_view data() const;
  std::string_view subject() const { return natsMsg_GetSubject(message_.get()); }
  /// Where it is to be answered; empty: nowhere.
  std::string_view reply() const;
  /// The value of a header; empty: it has none of that name.
  std::string_view header(const char* name) const;

 private:
  std::unique_ptr<natsMsg, Destroyer<natsMsg_Destroy>> message_;
};

/// Names and values, in their order.
using Headers = std::vector<std::pair<std::string, std::string>>;

using Subscription = std::unique_ptr<natsSubscription, Destroyer<natsSubscription_Destroy>>;

/// A connection to one of the servers of an address, entered; once lost, it stays so. Every wait
/// ends when cancelled. Used by one thread.
class Connection {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// Throws Error(unavailable) where there is no server, Error(permission) where it refuses us.
  Connection(const Address& address, const config::NatsSettings& settings, const Cancel& cancel);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The answer. Throws Error(configuration) where nobody serves that subject.
  Message request(const std::string& subject, std::string_view body = {}) {
    return request(subject, body, timeout_);
  }
  Message request(const std::string& subject, std::string_view body, Milliseconds limit);
  Message request(const std::string& subject, const Headers& headers, std::string_view body);

  /// A subject of our own, which nobody else knows.
  static std::string new_inbox();
  /// Everything that comes is kept until it is taken by next().
  Subscription subscribe(const std::string& subject);
  Message next(const Subscription& subscription, Milliseconds limit);

  void publish(const std::string& subject, const std::string& reply, std::string_view body);

  /// In bytes, of one message.
  std::size_t max_payload() const;
  Milliseconds timeout() const { return timeout_; }
  /// For messages: no secrets.
  const std::string& where() const { return where_; }
  const Cancel& cancel() const { return cancel_; }

 private:
  /// What was sent to that subject; what else comes are answers that nobody waits for any more.
  Message answer_to(const std::string& reply, Milliseconds limit);
  /// Throws for a status that is none of success.
  void require(natsStatus status, const std::string& doing) const;

  std::string where_;
  Milliseconds timeout_;
  const Cancel& cancel_;
  std::unique_ptr<natsConnection, Destroyer<natsConnection_Destroy>> connection_;
  std::string inbox_;
  Subscription answers_;
  std::uint64_t requests_ = 0;
};

/// A connection to a server that answers: where it can't be reached yet, waits for it up to `wait`.
std::unique_ptr<Connection> connect(const Address& address, const config::NatsSettings& settings,
                                    std::chrono::milliseconds wait, Log& log, const Cancel& cancel);

}  // namespace prism::nats
