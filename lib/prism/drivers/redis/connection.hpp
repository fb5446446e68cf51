#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include <prism/base/log.hpp>
#include <prism/base/socket.hpp>
#include <prism/config/servers.hpp>
#include <prism/drivers/redis/address.hpp>
#include <prism/drivers/redis/reply.hpp>

namespace prism::redis {

/// How every server of a deployment is entered.
struct PRISM_API Login {
  std::string user;  ///< empty: the default user
  std::string password;
  unsigned database = 0;
  SocketOptions socket;

  Login(const Address& address, const config::RedisSettings& settings);
  /// The same with another database.
  Login in_database(unsigned number) const;
};

/// One server, entered: AUTH and SELECT are done. Used by one thread.
class PRISM_API Connection {
 public:
  /// Throws Error(unavailable) where there is no server, Error(permission) where it refuses us.
  Connection(const Endpoint& endpoint, const Login& login, const Cancel& cancel);

  using Words = std::initializer_list<std::string_view>;

  /// The answer to one command, which may be an error.
  std::unique_ptr<Reply> ask(Words words);
  /// The same, but an error is thrown in our words.
  std::unique_ptr<Reply> call(Words words);

  /// Commands as they go over the wire; receive() for each, in their order.
  void send(std::string_view commands) { socket_.write_all(commands); }
  /// May be an error reply.
  std::unique_ptr<Reply> receive();
  /// The same, but an error is thrown in our words.
  std::unique_ptr<Reply> receive_good();

  Socket& socket() { return socket_; }
  ReplyReader& replies() { return reader_; }
  std::string where() const { return socket_.endpoint().text(); }

 private:
  void enter(const Login& login);

  Socket socket_;
  ReplyReader reader_;
  std::string command_;
};

/// A connection to a server that answers: where it can't be reached yet or is loading its data,
/// waits for it up to `wait`, and for loading at least the time that an answer may take.
Connection connect(const Endpoint& endpoint, const Login& login, std::chrono::milliseconds wait,
                   Log& log, const Cancel& cancel);

}  // namespace prism::redis
