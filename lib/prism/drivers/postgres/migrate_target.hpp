#pragma once

#include <optional>
#include <span>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/targets.hpp>
#include <prism/drivers/postgres/options.hpp>
#include <prism/store/migration.hpp>

namespace prism::postgres {

/// As drivers::migrate_target; `options` hold the target's URL and how its server is reached.
store::MigrationPlan migrate_target(const config::Target& target,
                                    std::span<const store::Migration> migrations,
                                    std::optional<store::Version> to, bool dry_run,
                                    const Options& options, Log& log, const Cancel& cancel);

}  // namespace prism::postgres
