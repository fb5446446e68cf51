#include <algorithm>

#include <fmt/format.h>

#include <prism/backup/retention.hpp>
#include <prism/health/backup_report.hpp>

namespace prism::health {
namespace {

using backup::Backup;
using backup::KeptProof;
using backup::Outcome;
using backup::ProofKind;

void add_problem(BackupReport& report, State state, std::string words) {
  report.state = std::max(report.state, state);
  report.problems.push_back(std::move(words));
}

/// The one made last says whether backups work.
void look_at_last(BackupReport& report, const std::vector<Backup>& backups) {
  const Backup* const failed = backup::newest_that_failed(backups);
  if (failed == nullptr) return;
  const bool died = failed->state == backup::State::partial;
  add_problem(report, State::warning,
              fmt::format("the last backup {} is {}{}", failed->id, state_name(failed->state),
                          died ? ": it died" : ""));
}

void look_at_proof(BackupReport& report, const std::optional<KeptProof>& proof) {
  if (!proof || proof->outcome != Outcome::bad) return;
  add_problem(report, State::critical,
              fmt::format("the last {} found backup {} bad: see {}.txt", proof_name(proof->kind),
                          proof->backup, proof->name));
}

}  // namespace

void add_unfinished_restore(BackupReport& report, const std::string& target,
                            const std::string& words) {
  add_problem(report, State::critical,
              fmt::format("target {}: {}; restore it again to finish it", target, words));
}

void add_unreachable_repository(BackupReport& report, const std::string& words) {
  add_problem(report, State::warning, "the backups: " + words);
}

BackupReport report_backups(repository::Repository& repository) {
  BackupReport report;
  report.location = repository.location();
  const auto backups = backup::list_backups(repository);
  for (const Backup& backup : backups) {
    if (backup.state == backup::State::complete && !backup.is_safety_copy()) report.newest = backup;
  }
  for (KeptProof& proof : backup::list_proofs(repository)) {
    (proof.kind == ProofKind::verify ? report.verified : report.restore_test) = std::move(proof);
  }
  look_at_last(report, backups);
  look_at_proof(report, report.verified);
  look_at_proof(report, report.restore_test);
  return report;
}

}  // namespace prism::health
