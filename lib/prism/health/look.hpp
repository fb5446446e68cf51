#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <prism/base/cancel.hpp>
#include <prism/health/probe.hpp>

namespace prism::health {

/// By the name of a metric.
using LimitsByName = std::map<std::string, Limits>;

/// A target as something that is looked at.
struct NamedProbe {
  std::string name;
  std::string kind;
  std::unique_ptr<Cancel> cancel;  ///< that the probe was made with
  std::unique_ptr<Probe> probe;
  std::chrono::seconds time_limit{5};
  LimitsByName limits = {};       ///< in place of the probe's own
  State worst = State::critical;  ///< nothing that it finds is worse: an upstream may be down
};

/// What came of that.
struct Observation {
  std::string name;
  std::string kind;
  std::chrono::duration<double> latency{0};
  bool up = false;  ///< it answered
  Reading reading;
};

/// Adds a problem for each metric that is beyond a limit, of `set` before its own.
PRISM_API void judge(Reading& reading, const LimitsByName& set);

/// Looks at all side by side, so that those that don't answer cost the longest time limit and not
/// the sum of all. One that throws is critical, with the error's words. Throws when `cancel` is
/// requested.
PRISM_API std::vector<Observation> look_at_all(std::vector<NamedProbe>& probes, Depth depth,
                                               const Cancel& cancel);

}  // namespace prism::health
