#include <algorithm>

#include <fmt/format.h>

#include <prism/health/plugin_line.hpp>

namespace prism::health {
namespace {

/// A bar begins the performance data, and a line break ends the line.
std::string plain(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return c == '|' || static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

std::string label_of(const std::string& target, const Metric& metric) {
  std::string label = target.empty() ? metric.name : target + "_" + metric.name;
  if (!metric.of.empty()) label += "_" + metric.of;
  std::erase_if(label, [](char c) { return c == '\'' || c == '='; });
  return "'" + plain(label) + "'";
}

/// What is below a limit is `@`less: a range from there up, `limit:`.
std::string range_of(const Metric& metric, const std::optional<double>& limit) {
  if (!limit) return "";
  return fmt::format("{:.6g}{}", *limit, metric.least ? ":" : "");
}

std::string data_of(const std::string& target, const Metric& metric) {
  std::string data = fmt::format("{}={:.6g}{};{};{}", label_of(target, metric), metric.value,
                                 metric.unit, range_of(metric, metric.limits.warning),
                                 range_of(metric, metric.limits.critical));
  while (data.back() == ';') data.pop_back();
  return data;
}

std::string summary_of(State state, const std::vector<std::string>& problems,
                       const std::vector<Observation>& targets) {
  if (state != State::ok && !problems.empty())
    return plain(fmt::format("{}", fmt::join(problems, "; ")));
  return fmt::format("{} target{}", targets.size(), targets.size() == 1 ? "" : "s");
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

}  // namespace

std::string plugin_line(State state, const std::vector<std::string>& problems,
                        const std::vector<Observation>& targets, const Reading& system) {
  std::string line = fmt::format("PRISM {} - {} |", upper_case(state_name(state)),
                                 summary_of(state, problems, targets));
  for (const Observation& target : targets) {
    const Metric latency{.name = "latency", .value = target.latency.count(), .unit = "s"};
    line += " " + data_of(target.name, latency);
    for (const Metric& metric : target.reading.metrics) line += " " + data_of(target.name, metric);
  }
  for (const Metric& metric : system.metrics) line += " " + data_of("", metric);
  if (line.ends_with(" |")) line.resize(line.size() - 2);
  return line;
}

}  // namespace prism::health
