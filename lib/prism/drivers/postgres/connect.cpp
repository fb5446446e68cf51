#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <poll.h>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/connect.hpp>

namespace prism::postgres {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kCancelAsked{100};  ///< how often

bool is_sqlstate(std::string_view word) {
  return word.size() == 5 &&
         word.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}

/// The SQLSTATE that ends what libpq writes under PQERRORS_SQLSTATE (`…: FATAL:  28P01`), or
/// nothing where the server gave none.
std::string sqlstate_of(std::string_view message) {
  const std::string_view text = trimmed(message);
  const std::size_t before = text.find_last_of(" \n");
  if (before == std::string_view::npos || !is_sqlstate(text.substr(before + 1))) return {};
  const bool behind_severity = trimmed(text.substr(0, before)).ends_with(':');
  return behind_severity ? std::string(text.substr(before + 1)) : std::string();
}

/// Whether the connection ended, whatever it was about just then.
bool is_lost(std::string_view message) {
  constexpr std::array<std::string_view, 5> kSigns{
      "server closed the connection", "SSL connection has been closed", "SSL SYSCALL error",
      "could not receive data", "could not send"};
  return std::any_of(kSigns.begin(), kSigns.end(), [&](std::string_view sign) {
    return message.find(sign) != std::string_view::npos;
  });
}

/// Follows one attempt to connect.
std::string refusal_of(std::string_view sqlstate) {
  return sqlstate == "3D000" ? ": there is no such database"
                             : ": the server refused the connection";
}

class Attempt {
 public:
  Attempt(const Address& address, milliseconds limit, const Cancel& cancel)
      : address_(address),
        cancel_(cancel),
        limit_(limit),
        end_(Clock::now() + limit),
        connection_(PQconnectStart(address.conninfo.c_str())) {
    if (!connection_) throw std::bad_alloc();
    PQsetErrorVerbosity(connection_.get(), PQERRORS_SQLSTATE);
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  LibpqConnection run() {
    if (PQstatus(connection_.get()) == CONNECTION_BAD) fail();
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
    while (wanted != PGRES_POLLING_OK) {
      wait(wanted);
      reached_ = PQstatus(connection_.get());
      wanted = PQconnectPoll(connection_.get());
      if (wanted == PGRES_POLLING_FAILED) fail();
    }
    return std::move(connection_);
  }

 private:
  void wait(PostgresPollingStatusType wanted) const {
    const short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    for (;;) {
      cancel_.check();
      pollfd descriptor{PQsocket(connection_.get()), events, 0};
      if (::poll(&descriptor, 1, static_cast<int>(kCancelAsked.count())) > 0) return;
      if (limit_ > milliseconds::zero() && Clock::now() >= end_) {
        throw Failure(
            "", fmt::format("{}: no connection within {} ms", address_.location, limit_.count()));
      }
    }
  }

  [[noreturn]] void fail() const {
    const std::string message = PQerrorMessage(connection_.get());
    const std::string sqlstate = sqlstate_of(message);
    if (!sqlstate.empty()) throw Failure(sqlstate, address_.location + refusal_of(sqlstate));
    if (PQconnectionNeedsPassword(connection_.get()) != 0) {
      throw Failure({ErrorCode::permission,
                     "give one in the URL, or by PGPASSFILE or ~/.pgpass or PGPASSWORD"},
                    address_.location + ": the server wants a password");
    }
    if (reached_ == CONNECTION_SSL_STARTUP && !is_lost(message)) {
      throw Failure({ErrorCode::permission,
                     "check sslmode and sslrootcert, and the certificate of the server"},
                    message);
    }
    throw Failure("", message);
  }

  const Address& address_;
  const Cancel& cancel_;
  milliseconds limit_;
  Clock::time_point end_;
  LibpqConnection connection_;
  ConnStatusType reached_ = CONNECTION_STARTED;
};

}  // namespace

LibpqConnection connect(const Address& address, milliseconds limit, const Cancel& cancel) {
  auto connection = Attempt(address, limit, cancel).run();
  PQsetErrorVerbosity(connection.get(), PQERRORS_DEFAULT);
  return connection;
}

void retry(std::chrono::seconds limit, Log& log, const Cancel& cancel,
           const std::function<void()>& attempt) {
  Backoff backoff(std::max(limit, kRetryFor), cancel);
  for (bool first = true;; first = false) {
    try {
      return attempt();
    } catch (const Failure& failure) {
      if (!failure.retryable()) throw;
      if (first) log.info(std::string(failure.what()) + "; trying again");
      if (!backoff.pause()) throw;
    }
  }
}

}  // namespace prism::postgres
