#pragma once

#include <string>
#include <vector>

#include <prism/health/probe.hpp>

#include "session.hpp"
#include "wal_list.hpp"

namespace prismctl {

/// The archived WAL of the cluster of a target.
struct WalReport {
  std::string target;
  WalOfSystem wal;
  std::uint64_t behind = 0;  ///< segments that are written and not archived, but for the last
};

/// For each of the targets that are PostgreSQL and have WAL in the repository. One that can't be
/// asked is left out: its probe tells of it.
std::vector<WalReport> look_at_wal(Session& session,
                                   const std::vector<prism::config::Target>& targets,
                                   std::chrono::seconds limit);

/// `000000010000000000000002 is missing`, with the target; none: all is well.
std::vector<std::string> problems_of(const WalReport& report);

/// Age of the last segment, segments behind, gaps: by target.
void add_metrics(prism::health::Reading& reading, const WalReport& report,
                 std::chrono::system_clock::time_point now);

Json to_json(const WalReport& report);

}  // namespace prismctl
