#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <libpq-fe.h>

#include <prism/base/cancel.hpp>
#include <prism/drivers/postgres/bulk_connection.hpp>

namespace prism::postgres {

/// The next result of what was sent, null at the end; the waiting can be cancelled. Throws Failure
/// for one that tells of it, once nothing follows that.
LibpqResult next_result(PGconn* connection, const Cancel& cancel);

/// Sends all that is buffered.
void flush(PGconn* connection, const Cancel& cancel);

/// What the server sends in COPY mode, message by message.
class CopyStream {
 public:
  CopyStream(PGconn* connection, const Cancel& cancel) : connection_(connection), cancel_(cancel) {}

  enum class Next : std::uint8_t { message, end, nothing };
  /// Waits at most `limit` milliseconds (negative: as long as it takes) for a message, which is
  /// good until the next call.
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
