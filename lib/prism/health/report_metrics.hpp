#pragma once

#include <chrono>

#include <prism/health/backup_report.hpp>
#include <prism/health/probe.hpp>
#include <prism/health/store_report.hpp>

namespace prism::health {

using Time = std::chrono::system_clock::time_point;

/// Adds what there is to count about the store and its cache: facts, UIDs left, the age of the
/// cache, how long set-up and rebuild took.
PRISM_API void add_metrics(Reading& reading, const StoreReport& report, Time now);

/// Adds the age of the newest backup, of the last verification and of the last restore test.
PRISM_API void add_metrics(Reading& reading, const BackupReport& report, Time now);

}  // namespace prism::health
