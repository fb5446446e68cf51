#include "verify_backups.hpp"

#include <fmt/format.h>

#include <prism/backup/restore_test.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/host.hpp>
#include <prism/base/text.hpp>

#include "backup_results.hpp"

namespace prismctl {
namespace {

using prism::backup::Backup;
using prism::backup::find_backup;
using prism::backup::list_backups;
using prism::backup::ProofKind;
using prism::backup::State;
using prism::backup::Verified;

std::vector<Backup> to_verify(const VerifyOptions& options,
                              prism::repository::Repository& repository) {
  if (options.all) return list_backups(repository);
  std::vector<Backup> backups;
  for (const std::string& id : options.ids) backups.push_back(find_backup(repository, id));
  return backups;
}

Json to_json(const Verified& verified, const std::string& report) {
  Json targets = Json::array();
  for (const auto& target : verified.targets) targets.push_back(Json::parse(to_json_text(target)));
  return {{"id", verified.id},
          {"state", state_name(verified.state)},
          {"good", verified.is_good()},
          {"trouble", verified.trouble.empty() ? Json() : Json(verified.trouble)},
          {"report", report.empty() ? Json() : Json(report)},
          {"targets", targets}};
}

std::string words_of(const prism::backup::TargetProof& target, bool restored) {
  if (!target.trouble.empty()) return (target.tested ? "" : "not tested: ") + target.trouble;
  for (const auto& check : target.checks) {
    if (check.is_good()) continue;
    return fmt::format("{}: expected {}, found {}", check.what, check.expected, check.found);
  }
  const std::string bytes = prism::format_bytes(target.stored_bytes);
  if (!target.decrypted) return bytes + " read, not decrypted";
  return restored ? fmt::format("{} restored into {}, {} checks, good", bytes, target.location,
                                target.checks.size())
                  : bytes + " read, good";
}

void tell(const Verified& verified, bool restored, Output& output) {
  output.line(fmt::format("backup {}: {}", verified.id,
                          verified.state != State::complete ? state_name(verified.state)
                                                            : outcome_name(verified.outcome())));
  if (!verified.trouble.empty()) output.line("  " + verified.trouble);
  for (const auto& target : verified.targets) {
    output.line(fmt::format("  {}: {}", target.name, words_of(target, restored)));
    for (const std::string& one : target.left_out) {
      output.line(fmt::format("  {}: left out when it was made: {}", target.name, one));
    }
  }
}

std::vector<Backup> found_to_verify(const VerifyOptions& options,
                                    prism::repository::Repository& repository) {
  try {
    return to_verify(options, repository);
  } catch (const prism::Error& e) {
    if (e.code() != prism::ErrorCode::input_missing) throw;
    throw prism::Error(prism::ErrorCode::unknown, e.what(), e.hint());
  }
}

/// Kept beside the backups; where nothing may be written there, that is said: of a restore test it
/// is what it was made for. Its name, or nothing.
std::string keep_report(const VerifyOptions& options, const Verified& verified,
                        const std::string& started, prism::repository::Repository& repository,
                        Session& session) {
  const auto kind = options.restore_test ? ProofKind::restore_test : ProofKind::verify;
  try {
    return prism::backup::keep_proof(
        repository, {.kind = kind,
                     .backup = verified.id,
                     .started = started,
                     .finished = prism::format_utc(std::chrono::system_clock::now()),
                     .user = prism::user_name(),
                     .host = prism::host_name(),
                     .tool = tool_name(),
                     .repository = repository.location(),
                     .targets = verified.targets,
                     .trouble = verified.trouble});
  } catch (const prism::Error& e) {
    const std::string words = std::string("no report could be kept: ") + e.what();
    options.restore_test ? session.log().error(words) : session.log().warning(words);
    return {};
  }
}

Verified look_at(const VerifyOptions& options, const Backup& backup,
                 prism::repository::Repository& repository, Session& session) {
  auto context = session.context();
  return options.restore_test
             ? test_restore(repository, backup, scratch_of_target(session, repository),
                            read_options(session), context)
             : verify(repository, backup, component_of_kind(session, repository),
                      read_options(session), context);
}

/// What was seen of all of them. What is only half there was never said to be good: no damage.
struct Seen {
  bool damaged = false;
  bool whole = true;     ///< and each has its report, where it is for that
  bool missing = false;  ///< one that was asked for is no backup
  std::size_t backups = 0;

  int exit_code() const {
    if (damaged) return 2;
    if (missing || backups == 0) return 3;
    return whole ? 0 : 1;
  }
};

void add(const VerifyOptions& options, const Verified& verified, const std::string& report,
         Seen& seen) {
  if (verified.state == State::partial) {
    seen.missing = seen.missing || !options.all;
    return;
  }
  ++seen.backups;
  seen.damaged = seen.damaged || !verified.is_good();
  seen.whole = seen.whole && verified.is_whole() && !(options.restore_test && report.empty());
}

}  // namespace

int verify_backups(const VerifyOptions& options, Session& session) {
  const auto repository = session.open_repository();
  const auto backups = found_to_verify(options, *repository);
  Json json = Json::array();
  Seen seen;
  for (const Backup& backup : backups) {
    const std::string started = prism::format_utc(std::chrono::system_clock::now());
    const Verified verified = look_at(options, backup, *repository, session);
    const std::string report = verified.state == State::partial
                                   ? ""
                                   : keep_report(options, verified, started, *repository, session);
    add(options, verified, report, seen);
    json.push_back(to_json(verified, report));
    tell(verified, options.restore_test, session.output());
    if (options.restore_test && !report.empty())
      session.output().line("  report: " + report + ".txt");
  }
  if (session.output().json()) {
    session.output().document(
        {{"command", "backup verify"}, {"restore_test", options.restore_test}, {"backups", json}});
  }
  return seen.exit_code();
}

}  // namespace prismctl
