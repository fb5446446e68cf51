#include "receive_wal.hpp"

#include <csignal>
#include <set>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/parallel.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/postgres/wal/cluster.hpp>

#include "backup_results.hpp"
#include "wal_system.hpp"

namespace prismctl {
namespace {

using prism::config::Target;

prism::postgres::Options server_of(const Target& target, const Session& session) {
  const auto servers = session.settings().servers();
  return {target.url, prism::Access::read, session.lock_wait(), servers.wait, servers.postgres};
}

/// A target of each cluster.
std::vector<Target> one_of_each(const std::vector<Target>& targets, Session& session) {
  if (targets.size() < 2) return targets;
  std::vector<Target> chosen;
  std::set<std::string> systems;
  for (const Target& target : targets) {
    const auto system =
        prism::postgres::wal_state_of(server_of(target, session), session.log(), session.cancel())
            .system_id;
    if (systems.insert(system).second) chosen.push_back(target);
  }
  return chosen;
}

void require_postgresql(const std::vector<Target>& targets) {
  for (const Target& target : targets) {
    if (target.kind == "postgresql") continue;
    throw prism::Error(
        prism::ErrorCode::usage,
        fmt::format("target {} is {}: only PostgreSQL has WAL", target.name, target.kind));
  }
  if (!targets.empty()) return;
  throw prism::Error(prism::ErrorCode::usage, "no target is a PostgreSQL server");
}

ReceivedTarget receive_one(const Target& target, const ReceiveWalOptions& options,
                           prism::repository::Repository& repository, Session& session,
                           const prism::Cancel& cancel) {
  ReceivedTarget result;
  result.name = target.name;
  prism::postgres::ReceiveOptions asked;
  asked.server = server_of(target, session);
  asked.name = target.name;
  asked.once = options.once;
  asked.wal = wal_options(session);
  asked.scratch_folder = session.settings().text(prism::config::Setting::scratch_dir);
  if (!options.slot.empty()) asked.slot = options.slot;
  try {
    result.received = prism::postgres::receive_wal(asked, repository, session.log(), cancel);
  } catch (const prism::Error& e) {
    result.code = static_cast<int>(e.code());
    result.error = e.what();
    result.hint = e.hint();
  }
  return result;
}

std::vector<Target> chosen(const ReceiveWalOptions& options, const Session& session) {
  if (!options.targets.empty()) return named_targets(session, options.targets);
  auto targets = session.targets();
  std::erase_if(targets, [](const Target& target) { return target.kind != "postgresql"; });
  return targets;
}

}  // namespace

std::vector<ReceivedTarget> receive_wal(std::vector<Target> targets,
                                        const ReceiveWalOptions& options, Session& session) {
  require_postgresql(targets);
  targets = one_of_each(targets, session);
  const auto repository = session.open_repository();
  std::vector<ReceivedTarget> all(targets.size());
  prism::Cancel cancel(&session.cancel());
  prism::run_parallel(targets.size(), targets.size(), [&](std::size_t i) {
    all[i] = receive_one(targets[i], options, *repository, session, cancel);
    if (!options.once) cancel.request(SIGTERM);
  });
  if (options.once) session.cancel().check();
  return all;
}

Json to_json(const std::vector<ReceivedTarget>& all) {
  Json targets = Json::array();
  for (const ReceivedTarget& one : all) {
    const auto& received = one.received;
    targets.push_back({{"name", one.name},
                       {"system", received.system_id},
                       {"segments", received.segments},
                       {"histories", received.histories},
                       {"bytes", received.bytes},
                       {"last", received.last.empty() ? Json() : Json(received.last)},
                       {"error", one.error.empty() ? Json() : Json(one.error)}});
  }
  return targets;
}

void tell(const std::vector<ReceivedTarget>& all, Session& session) {
  for (const ReceivedTarget& one : all) {
    const auto& received = one.received;
    session.output().line(
        one.error.empty()
            ? fmt::format("{}: {} segments stored ({}){}", one.name, received.segments,
                          prism::format_bytes(received.bytes),
                          received.last.empty() ? "" : ", the last is " + received.last)
            : fmt::format("{}: failed: {}", one.name, one.error));
    if (!one.hint.empty()) session.output().line("HINT: " + one.hint);
  }
}

int receive_wal(const ReceiveWalOptions& options, Session& session) {
  const auto all = receive_wal(chosen(options, session), options, session);
  if (session.output().json()) {
    session.output().document({{"command", "wal receive"}, {"targets", to_json(all)}});
  }
  // With one target the error keeps its own code.
  if (all.size() == 1 && all.front().code != 0 && !session.output().json()) {
    throw prism::Error(static_cast<prism::ErrorCode>(all.front().code), all.front().error,
                       all.front().hint);
  }
  tell(all, session);
  int worst = 0;
  for (const ReceivedTarget& one : all) {
    if (one.code != 0) worst = all.size() == 1 ? one.code : 2;
  }
  return worst;
}

}  // namespace prismctl
