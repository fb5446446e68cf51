#pragma once

#include <prism/health/backup_report.hpp>
#include <prism/health/look.hpp>
#include <prism/health/report_metrics.hpp>
#include <prism/setup/preflight/finding.hpp>

namespace prism::setup {

/// Whether there are backups, and how old the newest is, the last verification and the last restore
/// test: a warning after 26 hours, 8 days and 35 days, or after what `limits` has for `backup_age`,
/// `verify_age` and `restore_test_age`, in seconds. What the report itself says is told too.
PRISM_API Findings check_backups(const health::BackupReport& report,
                                 const health::LimitsByName& limits, health::Time now);

}  // namespace prism::setup
