#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include <prism/health/prometheus.hpp>

namespace prism::health {
namespace {

struct Family {
  std::string help;
  std::string samples;
};
/// By the name of a metric: all of one must stand together.
using Families = std::map<std::string, Family>;

std::string escaped(const std::string& text) {
  std::string value;
  for (const char c : text) {
    if (c == '\n') {
      value += "\\n";
    } else {
      if (c == '\\' || c == '"') value += '\\';
      value += c;
    }
  }
  return value;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{}", value);
}

void add(Families& families, const std::string& name, const std::string& help,
         const std::string& labels, double value) {
  Family& family = families[name];
  family.help = help;
  family.samples += fmt::format("prismctl_{}{} {}\n", name,
                                labels.empty() ? "" : "{" + labels + "}", number_text(value));
}

/// Base units, as the conventions for names have it.
std::string name_of(const Metric& metric) {
  if (metric.unit == "s") return metric.name + "_seconds";
  if (metric.unit == "B") return metric.name + "_bytes";
  return metric.unit == "%" ? metric.name + "_ratio" : metric.name;
}

std::string help_of(const Metric& metric) {
  std::string help = metric.words.empty() ? metric.name : metric.words;
  std::replace(help.begin(), help.end(), '_', ' ');
  return help;
}

void add(Families& families, const Metric& metric, std::string labels) {
  if (!metric.of.empty()) {
    labels += fmt::format("{}of=\"{}\"", labels.empty() ? "" : ",", escaped(metric.of));
  }
  constexpr double kPercent = 100;
  add(families, name_of(metric), help_of(metric), labels,
      metric.unit == "%" ? metric.value / kPercent : metric.value);
}

void add(Families& families, const Observation& target) {
  const std::string labels =
      fmt::format("target=\"{}\",kind=\"{}\"", escaped(target.name), escaped(target.kind));
  add(families, "up", "whether the target answers", labels, target.up ? 1 : 0);
  add(families, "state", "0 ok, 1 warning, 2 critical", labels,
      static_cast<int>(target.reading.state));
  add(families, "latency_seconds", "how long a look at the target took", labels,
      target.latency.count());
  for (const Metric& metric : target.reading.metrics) add(families, metric, labels);
}

}  // namespace

std::string prometheus_text(State state, const std::vector<Observation>& targets,
                            const Reading& system) {
  Families families;
  add(families, "system_state", "0 ok, 1 warning, 2 critical, 3 unknown", "",
      static_cast<int>(state));
  for (const Observation& target : targets) add(families, target);
  for (const Metric& metric : system.metrics) add(families, metric, "");
  std::string text;
  for (const auto& [name, family] : families) {
    text += fmt::format("# HELP prismctl_{0} {1}\n# TYPE prismctl_{0} gauge\n{2}", name,
                        family.help, family.samples);
  }
  return text;
}

}  // namespace prism::health
