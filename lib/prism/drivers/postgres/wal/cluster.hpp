#pragma once

#include <cstdint>
#include <string>

#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/postgres/options.hpp>

namespace prism::postgres {

/// What a server says of its cluster and of its WAL.
struct WalState {
  std::string system_id;
  std::uint64_t segment_bytes = 0;
  std::uint64_t written = 0;  ///< up to there; of a standby, what it received
};

/// By an ordinary connection. Throws Failure.
PRISM_API WalState wal_state_of(const Options& server, Log& log, const Cancel& cancel);

}  // namespace prism::postgres
