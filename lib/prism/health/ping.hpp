#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>

#include <prism/base/export.hpp>

namespace prism::health {

/// What a monitor is told of a run.
enum class Ping : std::uint8_t { start, success, failure };

/// The URL that tells it, as healthchecks.io has it: `/start` or `/fail` behind the path, before a
/// query, in which `rid=RUN` makes start and end one run. `{command}` becomes `command`, with `-`
/// for blanks.
PRISM_API std::string ping_url(std::string url, Ping ping, std::string command,
                               const std::string& run);

struct PingOptions {
  std::chrono::milliseconds time_limit{5000};  ///< of one try; there are two
  std::filesystem::path ca_file = {};          ///< PEM, whom https trusts; empty: as the system
};

/// Asks for that URL, once more where that fails. Returns why it could not be told, without the
/// path, for who knows that can tell lies; empty: it was.
PRISM_API std::string send_ping(const std::string& url, const PingOptions& options);

}  // namespace prism::health
