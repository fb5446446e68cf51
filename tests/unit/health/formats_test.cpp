#include <doctest/doctest.h>

#include <prism/health/plugin_line.hpp>
#include <prism/health/prometheus.hpp>
#include <prism/health/report_metrics.hpp>

namespace prism::health {
namespace {

Observation observed() {
  Observation one{"store", "postgresql", std::chrono::duration<double>(0.0125), true, {}};
  one.reading.metrics = {{"connections", 5, "", {80.0, 95.0}, false, {}, {}},
                         {"disk_used", 12.5, "%", {85.0, {}}, false, "/a \"b\"", {}},
                         {"certificate_days_left", 30, "", {14.0, 3.0}, true, {}, {}}};
  return one;
}

}  // namespace

TEST_CASE("health: the line of a plugin has its performance data behind a bar") {
  Reading system;
  system.metrics = {{.name = "facts", .value = 2'123'456}};
  CHECK(plugin_line(State::ok, {}, {observed()}, system) ==
        "PRISM OK - 1 target | 'store_latency'=0.0125s 'store_connections'=5;80;95 "
        "'store_disk_used_/a \"b\"'=12.5%;85 'store_certificate_days_left'=30;14:;3: "
        "'facts'=2.12346e+06");
  CHECK(plugin_line(State::critical, {"a | b\nc", "d"}, {}, {}) == "PRISM CRITICAL - a   b c; d");
  CHECK(plugin_line(State::unknown, {}, {}, {}) == "PRISM UNKNOWN - 0 targets");
}

TEST_CASE("health: metrics for Prometheus have base units, and all of a name stand together") {
  Observation other = observed();
  other.name = "new\nline";
  other.up = false;
  other.reading.metrics.clear();
  other.reading.state = State::critical;
  CHECK(prometheus_text(State::critical, {observed(), other}, {}) ==
        "# HELP prismctl_certificate_days_left certificate days left\n# TYPE "
        "prismctl_certificate_days_left gauge\n"
        "prismctl_certificate_days_left{target=\"store\",kind=\"postgresql\"} 30\n"
        "# HELP prismctl_connections connections\n# TYPE prismctl_connections gauge\n"
        "prismctl_connections{target=\"store\",kind=\"postgresql\"} 5\n"
        "# HELP prismctl_disk_used_ratio disk used\n# TYPE prismctl_disk_used_ratio gauge\n"
        "prismctl_disk_used_ratio{target=\"store\",kind=\"postgresql\",of=\"/a \\\"b\\\"\"} 0.125\n"
        "# HELP prismctl_latency_seconds how long a look at the target took\n# TYPE "
        "prismctl_latency_seconds gauge\n"
        "prismctl_latency_seconds{target=\"store\",kind=\"postgresql\"} 0.0125\n"
        "prismctl_latency_seconds{target=\"new\\nline\",kind=\"postgresql\"} 0.0125\n"
        "# HELP prismctl_state 0 ok, 1 warning, 2 critical\n# TYPE prismctl_state gauge\n"
        "prismctl_state{target=\"store\",kind=\"postgresql\"} 0\n"
        "prismctl_state{target=\"new\\nline\",kind=\"postgresql\"} 2\n"
        "# HELP prismctl_system_state 0 ok, 1 warning, 2 critical, 3 unknown\n# TYPE "
        "prismctl_system_state gauge\n"
        "prismctl_system_state 2\n"
        "# HELP prismctl_up whether the target answers\n# TYPE prismctl_up gauge\n"
        "prismctl_up{target=\"store\",kind=\"postgresql\"} 1\n"
        "prismctl_up{target=\"new\\nline\",kind=\"postgresql\"} 0\n");
}

TEST_CASE("health: ages and durations of what was done are metrics") {
  using std::chrono::seconds;
  const Time now = Time(seconds(1'800'000'000));
  StoreReport store;
  store.store.facts = 3;
  store.seed.emplace();
  store.seed->started = "2026-11-29T10:00:00Z";
  store.seed->finished = "2026-11-29T10:00:07Z";
  BackupReport backups;
  backups.newest.emplace();
  backups.newest->time = now - seconds(700'000);
  Reading reading;
  add_metrics(reading, store, now);
  add_metrics(reading, backups, now);
  std::map<std::string, double> values;
  for (const Metric& metric : reading.metrics) values[metric.name] = metric.value;
  CHECK(values ==
        std::map<std::string, double>{
            {"facts", 3}, {"entities", 0}, {"seed_duration", 7}, {"backup_age", 700'000}});
}

}  // namespace prism::health
