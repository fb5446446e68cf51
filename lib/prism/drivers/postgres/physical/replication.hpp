#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/drivers/postgres/address.hpp>
#include <prism/drivers/postgres/connect.hpp>

namespace prism::postgres {

/// A place in the WAL: bytes since its beginning.
using Lsn = std::uint64_t;

/// As the server writes it: `1/6B3A7F8`.
PRISM_API std::string lsn_text(Lsn lsn);
/// Nothing for what is none.
PRISM_API std::optional<Lsn> parse_lsn(std::string_view text);

/// What a server says of itself by IDENTIFY_SYSTEM.
struct SystemIdentity {
  std::string id;              ///< of the cluster, made by initdb: decimal digits
  std::uint32_t timeline = 0;  ///< the current one; of a standby, the one it received last
  Lsn flushed = 0;
};

struct Slot {
  std::string name;
  bool temporary = true;  ///< it goes with the connection
};

/// A piece of the WAL, or that the server asks for a word of how far we are.
struct WalMessage {
  Lsn start = 0;
  Lsn server_end = 0;
  std::string_view bytes;  ///< empty: only a keepalive
  bool reply_requested = false;
};

/// Where a server ended a stream of WAL: the next timeline, and where that begins.
struct StreamEnd {
  std::uint32_t next_timeline = 0;
  Lsn begin = 0;
};

/// A connection for physical replication ("Streaming Replication Protocol" in PostgreSQL's manual).
/// Used by one thread. Throws Failure, with the server's SQLSTATE where it gave one.
class PRISM_API Replication {
 public:
  /// `limit` is for connecting (0: none).
  Replication(const Address& address, std::chrono::milliseconds limit, const Cancel& cancel);

  SystemIdentity identify();
  /// SHOW of one setting, such as `wal_segment_size` or `data_checksums`.
  std::string show(const std::string& setting);
  /// Of a segment of its WAL.
  std::uint64_t segment_bytes();
  /// A physical slot, which holds the WAL from now on. A permanent one of that name that is there
  /// already is taken as it is.
  void create_slot(const Slot& slot);
  /// `NAME.history` of a timeline, by its name and its content.
  std::pair<std::string, std::string> timeline_history(std::uint32_t timeline);

  /// Streams from `start` until `take` returns false, or the server ends it. `take` is told of
  /// every message and returns how far what it got is durable (status updates are sent with that,
  /// every 10 s at least and when the server asks), or nothing to end. Nothing is returned where it
  /// was `take` that ended it, or the server went down in good order.
  std::optional<StreamEnd> stream(const std::optional<std::string>& slot, Lsn start,
                                  std::uint32_t timeline,
                                  const std::function<std::optional<Lsn>(const WalMessage&)>& take);

  /// Such as 150004.
  int version() const;
  PGconn* connection() { return connection_.get(); }
  const Cancel& cancel() const { return cancel_; }

 private:
  const Cancel& cancel_;
  LibpqConnection connection_;
};

}  // namespace prism::postgres
