#pragma once

#include <cstdint>
#include <string>

namespace prism {

enum class RecoveryTarget : std::uint8_t {
  consistent,  ///< the moment at which the copy was whole
  latest,      ///< all that is archived
  time,        ///< `2026-11-21T10:15:00.123456Z`
  lsn,         ///< `1/6B3A7F8`
  name,        ///< of a restore point
};

/// How far a server that is started on a restored folder replays its log.
struct Recovery {
  RecoveryTarget target = RecoveryTarget::consistent;
  std::string value = {};
  std::string timeline = "latest";  ///< or `current`, the copy's, or its number
  /// What fetches a segment, with `%f` and `%p` (`restore_command`); empty: the copy's own log is
  /// all that there is.
  std::string fetch_command = {};
};

}  // namespace prism
