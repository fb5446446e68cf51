#include <array>
#include <string_view>

#include <prism/setup/preflight/backups.hpp>

namespace prism::setup {
namespace {

using enum health::State;

constexpr double kHour = 3600;
constexpr double kDay = 24 * kHour;

/// One of the ages, from where on it is a warning, and what is said where there is none.
struct Age {
  std::string_view metric;
  double limit;
  std::string_view missing;
  std::string_view hint;
};

constexpr std::array kAges{
    Age{"backup_age", 26 * kHour, "there is no backup", "prismctl backup, each night"},
    Age{"verify_age", 8 * kDay, "backups were never verified", "prismctl backup verify, each week"},
    Age{"restore_test_age", 35 * kDay, "a restore was never tested",
        "prismctl backup verify --restore-test, each month"},
};

const health::Metric* find(const health::Reading& reading, std::string_view name) {
  for (const auto& metric : reading.metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

void check(const Age& age, const health::Metric& metric, const health::LimitsByName& limits,
           const std::string& where, Findings& findings) {
  health::Reading one;
  one.metrics.push_back(metric);
  one.metrics.back().limits = {age.limit, {}};
  judge(one, limits);
  for (const std::string& problem : one.problems) {
    findings.push_back({one.state, where, problem, std::string(age.hint)});
  }
}

}  // namespace

Findings check_backups(const health::BackupReport& report, const health::LimitsByName& limits,
                       health::Time now) {
  Findings findings;
  const std::string where = "backups " + report.location;
  for (const std::string& problem : report.problems) {
    findings.push_back({report.state, where, problem});
  }
  health::Reading reading;
  add_metrics(reading, report, now);
  for (const Age& age : kAges) {
    const health::Metric* const metric = find(reading, age.metric);
    if (metric != nullptr) {
      check(age, *metric, limits, where, findings);
    } else if (report.newest || &age == &kAges.front()) {
      findings.push_back({warning, where, std::string(age.missing), std::string(age.hint)});
    }
  }
  return findings;
}

}  // namespace prism::setup
