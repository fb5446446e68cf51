#include "wal_look.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>
#include <prism/drivers/postgres/wal/cluster.hpp>
#include <prism/health/store_report.hpp>

namespace prismctl {
namespace {

using prism::config::Target;
using prism::postgres::WalState;

/// Nothing where it can't be asked.
std::optional<WalState> state_of(const Target& target, Session& session,
                                 std::chrono::seconds limit) {
  prism::Cancel cancel(&session.cancel());
  cancel.limit_time(limit);
  const auto servers = session.settings().servers().within(limit);
  try {
    return prism::postgres::wal_state_of(
        {target.url, prism::Access::read, std::chrono::seconds(0), servers.wait, servers.postgres},
        session.log(), cancel);
  } catch (const prism::Error& e) {
    session.cancel().check();
    if (!prism::health::is_trouble(e)) throw;
    return {};
  }
}

std::uint64_t behind(const WalState& state, const WalOfSystem& wal) {
  const auto last = prism::postgres::parse_segment_name(wal.last);
  const std::uint64_t written = state.written / state.segment_bytes;
  const std::uint64_t next = last ? last->number(state.segment_bytes) + 1 : 0;
  return written > next ? written - next : 0;
}

}  // namespace

std::vector<WalReport> look_at_wal(Session& session, const std::vector<Target>& targets,
                                   std::chrono::seconds limit) {
  std::vector<Target> asked;
  std::copy_if(targets.begin(), targets.end(), std::back_inserter(asked),
               [](const Target& target) { return target.kind == "postgresql"; });
  if (asked.empty()) return {};
  const auto repository = session.open_repository();
  const auto systems = prism::postgres::list_wal_systems(*repository);
  if (systems.empty()) return {};
  std::vector<std::optional<WalState>> states(asked.size());
  prism::run_parallel(asked.size(), asked.size(),
                      [&](std::size_t i) { states[i] = state_of(asked[i], session, limit); });
  std::vector<WalReport> reports;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (!states[i] || !std::binary_search(systems.begin(), systems.end(), states[i]->system_id)) {
      continue;
    }
    WalReport report;
    report.target = asked[i].name;
    report.wal = look_at_wal(*repository, states[i]->system_id);
    report.behind = behind(*states[i], report.wal);
    reports.push_back(std::move(report));
  }
  return reports;
}

std::vector<std::string> problems_of(const WalReport& report) {
  std::vector<std::string> problems;
  for (const std::string& gap : report.wal.summary.gaps) {
    problems.push_back(fmt::format("the archived WAL of {}: {}", report.target, gap));
  }
  return problems;
}

void add_metrics(prism::health::Reading& reading, const WalReport& report,
                 std::chrono::system_clock::time_point now) {
  const auto add = [&](const char* name, double value, const char* unit, const char* words) {
    reading.metrics.push_back({name, value, unit, {}, false, report.target, words});
  };
  if (!report.wal.last.empty()) {
    add("wal_age", std::chrono::duration<double>(now - report.wal.last_time).count(), "s",
        "age of the last archived segment of WAL");
  }
  add("wal_behind", static_cast<double>(report.behind), "", "segments of WAL not archived yet");
  add("wal_gaps", static_cast<double>(report.wal.summary.gaps.size()), "",
      "gaps in the archived WAL");
}

Json to_json(const WalReport& report) {
  Json json{{"target", report.target}};
  json.update(to_json(report.wal));
  json["behind"] = report.behind;
  return json;
}

}  // namespace prismctl
