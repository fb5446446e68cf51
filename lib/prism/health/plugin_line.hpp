#pragma once

#include <string>
#include <vector>

#include <prism/health/look.hpp>

namespace prism::health {

/// The one line of a plugin of Nagios or Icinga: `PRISM OK - 3 targets | 'store_latency'=0.002s …`.
/// Problems stand in it, and every metric as performance data; `system` are those of no target.
///
/// Source: Nagios Plugins Development Guidelines, "Performance data".
PRISM_API std::string plugin_line(State state, const std::vector<std::string>& problems,
                                  const std::vector<Observation>& targets, const Reading& system);

}  // namespace prism::health
