#pragma once

#include <span>
#include <string>
#include <vector>

#include <prism/config/settings.hpp>
#include <prism/config/sources.hpp>
#include <prism/config/targets.hpp>
#include <prism/setup/preflight/finding.hpp>

namespace prism::setup {

/// A password or the like, and where it stands.
struct Secret {
  std::string where;
  std::string text;
};

/// All that are known: of settings, of the systems' own variables, of URLs; each place once.
PRISM_API std::vector<Secret> find_secrets(const config::Sources& sources,
                                           const config::Settings& settings,
                                           std::span<const config::Target> targets);

/// One that everybody knows (`changeme`, `postgres`, …) is critical, one that is shorter than 8 is
/// a warning.
PRISM_API Findings check_passwords(std::span<const Secret> secrets);

/// Redis without a password: a warning on this machine, else critical.
PRISM_API Findings check_redis(std::span<const config::Target> targets,
                               const config::Settings& settings);

}  // namespace prism::setup
