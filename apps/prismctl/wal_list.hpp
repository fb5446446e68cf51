#pragma once

#include <string>

#include <prism/drivers/postgres/wal/archive.hpp>

#include "session.hpp"

namespace prismctl {

struct WalListOptions {
  std::string system;  ///< empty: of all
};

/// 1 where something is missing.
int list_wal(const WalListOptions& options, Session& session);

/// What there is of one cluster's WAL.
struct WalOfSystem {
  std::string system;
  std::uint64_t segment_bytes = 0;
  prism::postgres::WalSummary summary;
  std::size_t files = 0;
  std::uint64_t stored_bytes = 0;
  std::string last;  ///< the segment that came last; empty: none
  std::chrono::system_clock::time_point last_time;
};

WalOfSystem look_at_wal(prism::repository::Repository& repository, const std::string& system);

/// `timelines`, `histories`, `gaps` and sizes.
Json to_json(const WalOfSystem& wal);

}  // namespace prismctl
