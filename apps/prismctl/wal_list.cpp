#include "wal_list.hpp"

#include <fmt/format.h>

#include <prism/base/cancel.hpp>
#include <prism/base/date.hpp>
#include <prism/base/text.hpp>

#include "console/table.hpp"
#include "wal_system.hpp"

namespace prismctl {
namespace {

using prism::postgres::WalArchive;
using prism::postgres::WalRun;
using Rows = std::vector<std::vector<std::string>>;

std::uint64_t segments_in(const WalRun& run, std::uint64_t bytes) {
  return run.last.number(bytes) - run.first.number(bytes) + 1;
}

Json runs_json(const WalOfSystem& wal) {
  Json runs = Json::array();
  for (const WalRun& run : wal.summary.runs) {
    runs.push_back({{"timeline", run.first.timeline},
                    {"first", run.first.text()},
                    {"last", run.last.text()},
                    {"segments", segments_in(run, wal.segment_bytes)}});
  }
  return runs;
}

void add_rows(Rows& rows, const WalOfSystem& wal) {
  for (const WalRun& run : wal.summary.runs) {
    rows.push_back({wal.system, std::to_string(run.first.timeline), run.first.text(),
                    run.last.text(), std::to_string(segments_in(run, wal.segment_bytes))});
  }
}

std::vector<std::string> remarks_of(const WalOfSystem& wal) {
  std::vector<std::string> lines{fmt::format(
      "{}: {} files, {}{}", wal.system, wal.files, prism::format_bytes(wal.stored_bytes),
      wal.last.empty() ? ""
                       : fmt::format(", the last segment {} of {}", wal.last,
                                     prism::format_utc(wal.last_time)))};
  if (!wal.summary.histories.empty()) {
    lines.push_back(
        fmt::format("{}: histories {}", wal.system, fmt::join(wal.summary.histories, ", ")));
  }
  for (const std::string& gap : wal.summary.gaps) lines.push_back(wal.system + ": " + gap);
  return lines;
}

void show(const std::vector<WalOfSystem>& all, const std::string& location, Session& session) {
  if (session.output().json()) {
    Json systems = Json::array();
    for (const WalOfSystem& wal : all) systems.push_back(to_json(wal));
    session.output().document(
        {{"command", "wal list"}, {"repository", location}, {"systems", systems}});
  }
  if (all.empty()) return session.output().line(location + ": no WAL");
  Rows rows{{"SYSTEM", "TIMELINE", "FIRST", "LAST", "SEGMENTS"}};
  for (const WalOfSystem& wal : all) add_rows(rows, wal);
  for (const std::string& line : table_lines(rows)) session.output().line(line);
  for (const WalOfSystem& wal : all) {
    for (const std::string& line : remarks_of(wal)) session.output().line(line);
  }
}

}  // namespace

WalOfSystem look_at_wal(prism::repository::Repository& repository, const std::string& system) {
  const prism::Cancel never;
  WalOfSystem wal;
  wal.system = system;
  wal.segment_bytes = WalArchive(repository, system, {}, never).segment_bytes();
  std::vector<std::string> names;
  for (const auto& one : prism::postgres::list_wal(repository, system)) {
    names.push_back(one.name);
    ++wal.files;
    wal.stored_bytes += one.bytes;
    if (!prism::postgres::parse_segment_name(one.name) || one.modified < wal.last_time) continue;
    wal.last = one.name;
    wal.last_time = one.modified;
  }
  wal.summary = prism::postgres::summarize_wal(names, wal.segment_bytes);
  return wal;
}

Json to_json(const WalOfSystem& wal) {
  const auto& partial = wal.summary.last_partial;
  return {{"system", wal.system},
          {"segment_bytes", wal.segment_bytes},
          {"files", wal.files},
          {"stored_bytes", wal.stored_bytes},
          {"last", wal.last.empty() ? Json() : Json(wal.last)},
          {"last_time", wal.last.empty() ? Json() : Json(prism::format_utc(wal.last_time))},
          {"runs", runs_json(wal)},
          {"histories", wal.summary.histories},
          {"last_partial", partial.empty() ? Json() : Json(partial)},
          {"gaps", wal.summary.gaps}};
}

int list_wal(const WalListOptions& options, Session& session) {
  const auto repository = session.open_repository();
  std::vector<WalOfSystem> all;
  bool gaps = false;
  for (const std::string& system : prism::postgres::list_wal_systems(*repository)) {
    if (!options.system.empty() && options.system != system) continue;
    all.push_back(look_at_wal(*repository, system));
    gaps = gaps || !all.back().summary.gaps.empty();
  }
  show(all, repository->location(), session);
  return gaps ? 1 : 0;
}

}  // namespace prismctl
