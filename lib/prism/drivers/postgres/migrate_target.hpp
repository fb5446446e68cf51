#pragma once

#include <chrono>
#include <optional>
#include <span>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/targets.hpp>
#include <prism/store/migration.hpp>

namespace prism::postgres {

/// As drivers::migrate_target.
store::MigrationPlan migrate_target(const config::Target& target,
                                    std::span<const store::Migration> migrations,
                                    std::optional<store::Version> to, bool dry_run,
                                    std::chrono::seconds lock_wait, Log& log, const Cancel& cancel);

}  // namespace prism::postgres
