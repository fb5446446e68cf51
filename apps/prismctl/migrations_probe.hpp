#pragma once

#include <memory>

#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/config/servers.hpp>
#include <prism/config/targets.hpp>
#include <prism/health/probe.hpp>

namespace prismctl {

/// A probe that tells as well which version of the system's own migrations (`migrations` of the
/// target, a folder) stands in the database, and how many are pending: a warning, as is what
/// `migrate --target` would refuse. Log and `cancel` must outlive it.
std::unique_ptr<prism::health::Probe> with_migrations(std::unique_ptr<prism::health::Probe> inner,
                                                      const prism::config::Target& target,
                                                      const prism::config::ServerSettings& servers,
                                                      prism::Log& log, const prism::Cancel& cancel);

}  // namespace prismctl
