#include <algorithm>

#include <prism/base/backoff.hpp>
#include <prism/drivers/redis/command.hpp>
#include <prism/drivers/redis/connection.hpp>
#include <prism/drivers/redis/trouble.hpp>

namespace prism::redis {

Login::Login(const Address& address, const config::RedisSettings& settings)
    : user(address.user),
      password(address.password.value_or(settings.password)),
      database(address.database) {
  socket.timeout = settings.timeout;
  if (address.tls) {
    socket.tls = TlsOptions{.ca_file = settings.ca_file,
                            .certificate_file = settings.certificate_file,
                            .key_file = settings.key_file};
  }
}

Login Login::in_database(unsigned number) const {
  Login other = *this;
  other.database = number;
  return other;
}

Connection::Connection(const Endpoint& endpoint, const Login& login, const Cancel& cancel)
    : socket_(endpoint, login.socket, cancel) {
  enter(login);
}

void Connection::enter(const Login& login) {
  if (!login.password.empty() || !login.user.empty()) {
    const auto answer = login.user.empty() ? ask({"AUTH", login.password})
                                           : ask({"AUTH", login.user, login.password});
    if (answer->is_error()) throw login_trouble(answer->text, where());
  }
  if (login.database != 0) call({"SELECT", std::to_string(login.database)});
}

std::unique_ptr<Reply> Connection::ask(Words words) {
  command_.clear();
  append_command(command_, words);
  send(command_);
  return receive();
}

std::unique_ptr<Reply> Connection::call(Words words) {
  auto reply = ask(words);
  if (reply->is_error()) throw trouble(reply->text, where());
  return reply;
}

std::unique_ptr<Reply> Connection::receive() {
  char bytes[16 * 1024];
  for (;;) {
    if (auto reply = reader_.next()) return reply;
    const std::size_t got = socket_.read_some(bytes);
    if (got == 0) {
      socket_.wait({});
    } else {
      reader_.feed({bytes, got});
    }
  }
}

std::unique_ptr<Reply> Connection::receive_good() {
  auto reply = receive();
  if (reply->is_error()) throw trouble(reply->text, where());
  return reply;
}

namespace {

/// Tells once what is waited for.
class Patience {
 public:
  Patience(std::chrono::milliseconds limit, Log& log, const Cancel& cancel)
      : backoff_(limit, cancel), log_(log) {}

  bool pause(const char* why) {
    const std::string words = why;
    if (!backoff_.pause()) return false;
    if (!told_) log_.info(words + "; waiting for it");
    told_ = true;
    return true;
  }

 private:
  Backoff backoff_;
  Log& log_;
  bool told_ = false;
};

}  // namespace

Connection connect(const Endpoint& endpoint, const Login& login, std::chrono::milliseconds wait,
                   Log& log, const Cancel& cancel) {
  Patience patience(wait, log, cancel);
  Patience loading(std::max(wait, login.socket.timeout), log, cancel);
  for (;;) {
    bool answered = false;
    try {
      Connection connection(endpoint, login, cancel);
      const auto reply = connection.ask({"PING"});
      answered = true;
      // A user may well lack the right to PING.
      if (!reply->is_error() || reply->error_name() == "NOPERM") return connection;
      throw trouble(reply->text, connection.where());
    } catch (const Error& e) {
      if (e.code() != ErrorCode::unavailable) throw;
      if (!(answered ? loading : patience).pause(e.what())) throw;
    }
  }
}

}  // namespace prism::redis
