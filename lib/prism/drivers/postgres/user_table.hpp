#pragma once

#include <memory>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/targets.hpp>
#include <prism/drivers/postgres/options.hpp>
#include <prism/setup/user_table.hpp>

namespace prism::postgres {

/// As drivers::open_user_table; `options` hold the target's URL and how its server is reached.
std::unique_ptr<setup::UserTable> open_user_table(const config::Target& target,
                                                  const Options& options, Log& log,
                                                  const Cancel& cancel);

}  // namespace prism::postgres
