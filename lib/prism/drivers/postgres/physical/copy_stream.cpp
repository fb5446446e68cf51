#include <algorithm>

#include <poll.h>

#include <prism/drivers/postgres/failure.hpp>
#include <prism/drivers/postgres/physical/copy_stream.hpp>

namespace prism::postgres {
namespace {

constexpr int kSlice = 100;  ///< how often a cancellation is asked for, in milliseconds

/// False when the time is over.
bool wait(PGconn* connection, short events, int limit, const Cancel& cancel) {
  pollfd descriptor{PQsocket(connection), events, 0};
  for (int waited = 0; limit < 0 || waited < limit; waited += kSlice) {
    const int slice = limit < 0 ? kSlice : std::min(kSlice, limit - waited);
    if (::poll(&descriptor, 1, slice) > 0) return true;
    cancel.check();
  }
  return false;
}

[[noreturn]] void fail_lost(PGconn* connection, const Cancel& cancel) {
  cancel.check();
  throw Failure("", PQerrorMessage(connection));
}

void consume(PGconn* connection, const Cancel& cancel) {
  if (PQconsumeInput(connection) == 0) fail_lost(connection, cancel);
}

LibpqResult any_result(PGconn* connection, const Cancel& cancel) {
  while (PQisBusy(connection) != 0) {
    wait(connection, POLLIN, -1, cancel);
    consume(connection, cancel);
  }
  return LibpqResult(PQgetResult(connection));
}

/// Reads what follows an error, so that the connection takes the next command; where that ended it,
/// the error is what counts.
void read_rest(PGconn* connection, const Cancel& cancel) {
  try {
    while (any_result(connection, cancel)) continue;
  } catch (const Failure&) {
  }
}

bool is_success(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
      return true;
    default:
      return false;
  }
}

}  // namespace

LibpqResult next_result(PGconn* connection, const Cancel& cancel) {
  LibpqResult result = any_result(connection, cancel);
  if (!result || is_success(result.get())) return result;
  read_rest(connection, cancel);
  const char* const state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
  const char* const words = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
  throw Failure(state == nullptr ? "" : state,
                words == nullptr ? PQerrorMessage(connection) : words);
}

void flush(PGconn* connection, const Cancel& cancel) {
  for (;;) {
    const int left = PQflush(connection);
    if (left == 0) return;
    if (left < 0) fail_lost(connection, cancel);
    wait(connection, POLLIN | POLLOUT, -1, cancel);
    consume(connection, cancel);
  }
}

CopyStream::Next CopyStream::next(std::string_view& message, int limit) {
  cancel_.check();
  for (bool waits = false;; waits = true) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(connection_, &bytes, 1);
    bytes_.reset(bytes);
    if (size > 0) {
      message = {bytes, static_cast<std::size_t>(size)};
      return Next::message;
    }
    if (size == -1) return Next::end;
    if (size < -1) fail_lost(connection_, cancel_);
    // Where the server is the faster one, what comes next is there already.
    if (waits && !wait(connection_, POLLIN, limit, cancel_)) return Next::nothing;
    consume(connection_, cancel_);
  }
}

}  // namespace prism::postgres
