#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>
#include <prism/health/look.hpp>

namespace prism::health {
namespace {

bool is_beyond(const Metric& metric, const std::optional<double>& limit) {
  if (!limit) return false;
  return metric.least ? metric.value < *limit : metric.value >= *limit;
}

std::string shown(double value, const std::string& unit) {
  const std::string number = value == std::floor(value) && std::abs(value) < 1e15
                                 ? fmt::format("{:.0f}", value)
                                 : fmt::format("{:.2f}", value);
  return unit.empty() || unit == "%" ? number + (unit.empty() ? "" : " %") : number + " " + unit;
}

void add_problem(Reading& reading, const Metric& metric, State state,
                 const std::optional<double>& limit) {
  const std::string& name = metric.words.empty() ? metric.name : metric.words;
  const std::string what = metric.of.empty() ? name : name + " of " + metric.of;
  reading.add_problem(state,
                      fmt::format("{}: {}, {} {} {}", what, shown(metric.value, metric.unit),
                                  state == State::critical ? "critical" : "warning",
                                  metric.least ? "below" : "from", shown(*limit, metric.unit)));
}

Observation look_at(const NamedProbe& target, Depth depth) {
  Observation seen{target.name, target.kind, {}, false, {}};
  const auto begin = std::chrono::steady_clock::now();
  target.cancel->limit_time(target.time_limit);
  try {
    seen.reading = target.probe->look(depth);
    seen.up = true;
  } catch (const std::exception& e) {
    seen.reading = {};
    seen.reading.add_problem(State::critical, e.what());
  }
  seen.latency = std::chrono::steady_clock::now() - begin;
  judge(seen.reading, target.limits);
  seen.reading.state = std::min(seen.reading.state, target.worst);
  return seen;
}

}  // namespace

void Reading::add_problem(State at_least, std::string words) {
  state = std::max(state, at_least);
  problems.push_back(std::move(words));
}

void judge(Reading& reading, const LimitsByName& set) {
  for (Metric& metric : reading.metrics) {
    if (const auto found = set.find(metric.name); found != set.end()) {
      if (found->second.warning) metric.limits.warning = found->second.warning;
      if (found->second.critical) metric.limits.critical = found->second.critical;
    }
    if (is_beyond(metric, metric.limits.critical)) {
      add_problem(reading, metric, State::critical, metric.limits.critical);
    } else if (is_beyond(metric, metric.limits.warning)) {
      add_problem(reading, metric, State::warning, metric.limits.warning);
    }
  }
}

std::vector<Observation> look_at_all(std::vector<NamedProbe>& probes, Depth depth,
                                     const Cancel& cancel) {
  std::vector<Observation> seen(probes.size());
  run_parallel(probes.size(), probes.size(),
               [&](std::size_t i) { seen[i] = look_at(probes[i], depth); });
  cancel.check();
  return seen;
}

}  // namespace prism::health
