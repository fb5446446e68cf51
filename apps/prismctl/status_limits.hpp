#pragma once

#include <optional>
#include <string>

#include <prism/base/error.hpp>
#include <prism/config/settings.hpp>
#include <prism/health/look.hpp>

namespace prismctl {

/// Of a metric: warning or critical.
using WhichLimit = std::optional<double> prism::health::Limits::*;

/// Adds that of `METRIC=NUMBER`. Throws an error of `code` for what is none; `origin` tells where
/// it stands.
void add_limit(prism::health::LimitsByName& limits, const std::string& text, WhichLimit which,
               const std::string& origin, prism::ErrorCode code);

/// Those of status.warn and status.critical. Throws Error(configuration).
prism::health::LimitsByName limits_of_settings(const prism::config::Settings& settings);

}  // namespace prismctl
