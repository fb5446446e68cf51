#pragma once

#include <string>
#include <vector>

#include <prism/health/look.hpp>

namespace prism::health {

/// All of a look in the text format of Prometheus, for the textfile collector of node_exporter:
/// `prismctl_up{target="store",kind="postgresql"} 1`, `prismctl_state` (0 ok, 1 warning, 2
/// critical), `prismctl_latency_seconds`, and each metric as `prismctl_NAME` with its unit behind.
///
/// Source: Prometheus, "Exposition formats", text-based format 0.0.4.
PRISM_API std::string prometheus_text(State state, const std::vector<Observation>& targets,
                                      const Reading& system);

}  // namespace prism::health
