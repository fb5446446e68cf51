#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <libpq-fe.h>

#include <prism/base/cancel.hpp>
#include <prism/drivers/postgres/bulk_connection.hpp>

namespace prism::postgres {

/// Throws Failure for a result that tells of one.
void require_success(PGconn* connection, const PGresult* result, const Cancel& cancel);

/// The next result of what was sent, without blocking; null at the end.
LibpqResult next_result(PGconn* connection, const Cancel& cancel);

/// Sends all that is buffered.
void flush(PGconn* connection, const Cancel& cancel);

/// What the server sends in COPY mode, message by message.
class CopyStream {
 public:
  CopyStream(PGconn* connection, const Cancel& cancel)
      : connection_(connection), cancel_(cancel) {}

  enum class Next : std::uint8_t { message, end, nothing };
  /// Waits at most `limit` milliseconds (negative: as long as it takes) for a message, which is good
  /// until the next call.
  Next next(std::string_view& message, int limit = -1);

 private:
  struct Free {
    void operator()(char* bytes) const { PQfreemem(bytes); }
  };

  PGconn* connection_;
  const Cancel& cancel_;
  std::unique_ptr<char, Free> bytes_;
};

}  // namespace prism::postgres
