#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <prism/base/log.hpp>
#include <prism/setup/audit.hpp>

namespace prism::setup {

/// A line of an audit file.
struct AuditRecord {
  AuditEntry entry;
  std::string user;
  std::string host;
  std::string result;  ///< the name of the exit code
};

using Moment = std::chrono::system_clock::time_point;

/// `2026-11-21T10:15:00Z`, `2026-11-21` (its beginning, UTC), or so long before `now`: `30m`,
/// `24h`, `7d`. Nothing for what is none of these.
PRISM_API std::optional<Moment> parse_since(std::string_view text, Moment now);

/// Gives the lines that are not older than `since`, in their order, until `take` returns false. A
/// damaged one is passed over, and warned of by its number. Holds one line at a time. A file that
/// is not there has none. Throws Error where it can't be read.
PRISM_API void read_audit(const std::filesystem::path& file, std::optional<Moment> since,
                          const std::function<bool(const AuditRecord&)>& take, Log& log);

}  // namespace prism::setup
