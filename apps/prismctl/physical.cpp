#include "physical.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <prism/backup/retention.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

#include "backup_results.hpp"

namespace prismctl {
namespace {

namespace fs = std::filesystem;
using prism::ErrorCode;
using prism::Recovery;
using prism::RecoveryTarget;
using prism::backup::Backup;
using prism::backup::TargetRecord;
using prism::config::Setting;

/// Artifacts of a backup, and what they are read by.
class EarlierArtifacts : public prism::backup::ArtifactReader {
 public:
  EarlierArtifacts(prism::repository::Repository& repository, Backup backup,
                   const std::string& target, prism::backup::ReadOptions options,
                   const prism::Cancel& cancel)
      : backup_(std::move(backup)),
        reader_(repository, backup_.id, *backup_.manifest->find(target), std::move(options),
                cancel) {}

  std::vector<std::string> names() const override { return reader_.names(); }
  std::unique_ptr<prism::ByteSource> open(const std::string& name) override {
    return reader_.open(name);
  }

 private:
  Backup backup_;
  prism::backup::StoredArtifactReader reader_;
};

/// Its record of that cluster, where it is whole and can be read.
const TargetRecord* record_of(const Backup& backup, const std::string& system, bool can_decrypt) {
  if (backup.state != prism::backup::State::complete) return nullptr;
  for (const TargetRecord& target : backup.manifest->targets) {
    const auto& physical = target.content.physical;
    if (!physical || physical->system != system) continue;
    return can_decrypt || !is_encrypted(target) ? &target : nullptr;
  }
  return nullptr;
}

/// `'it'\''s'`
std::string quoted_for_shell(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// A server's `%` stands for something.
std::string in_command(const std::string& text) {
  std::string escaped;
  for (const char c : quoted_for_shell(text)) escaped += c == '%' ? "%%" : std::string(1, c);
  return escaped;
}

std::string place_of(const std::string& repository) {
  return repository.find(':') == std::string::npos ? fs::absolute(repository).string() : repository;
}

}  // namespace

prism::drivers::PhysicalOptions physical_options(Session& session,
                                                 prism::repository::Repository& repository) {
  prism::drivers::PhysicalOptions options;
  options.repository = &repository;
  options.recipients = recipients(session);
  options.identity_file = read_options(session).identity_file;
  options.key_file = session.settings().text(Setting::backup_block_key_file);
  return options;
}

std::function<std::unique_ptr<prism::backup::ArtifactReader>(const std::string& system)>
earlier_copies(Session& session, prism::repository::Repository& repository) {
  return [&](const std::string& system) -> std::unique_ptr<prism::backup::ArtifactReader> {
    const auto options = read_options(session);
    const auto bad = prism::backup::found_damaged(prism::backup::list_proofs(repository));
    auto backups = prism::backup::list_backups(repository);
    std::erase_if(backups, [&](const Backup& backup) { return bad.contains(backup.id); });
    std::reverse(backups.begin(), backups.end());
    for (Backup& backup : backups) {
      const auto* const record = record_of(backup, system, !options.identity_file.empty());
      if (record == nullptr) continue;
      const std::string name = record->name;
      return std::make_unique<EarlierArtifacts>(repository, std::move(backup), name, options,
                                                session.cancel());
    }
    return nullptr;
  };
}

std::vector<prism::config::Target> clusters_among(std::vector<prism::config::Target> targets,
                                                  bool named) {
  for (const auto& target : targets) {
    if (!named || target.kind == "postgresql") continue;
    throw prism::Error(ErrorCode::usage,
                       fmt::format("target {} is {}: physical backups are made of PostgreSQL",
                                   target.name, target.kind));
  }
  std::erase_if(targets, [](const auto& target) { return target.kind != "postgresql"; });
  if (targets.empty()) {
    throw prism::Error(ErrorCode::usage, "no target is a PostgreSQL server",
                       "physical backups are made of PostgreSQL; leave out --type for the others");
  }
  for (auto& target : targets) target.kind = prism::drivers::kPostgresCluster;
  return targets;
}

namespace {

void require_timeline(const RecoveryFlags& flags) {
  const std::string& timeline = flags.timeline;
  const bool is_number = timeline.find_first_not_of("0123456789") == std::string::npos;
  if (!timeline.empty() && !flags.any()) {
    throw prism::Error(ErrorCode::usage, "--timeline says along which the WAL is replayed",
                       "--to-time, --to-lsn or --to-name says how far");
  }
  if (is_number || timeline == "latest" || timeline == "current") return;
  throw prism::Error(ErrorCode::usage, "--timeline: no timeline: " + prism::in_quotes(timeline),
                     "latest, current, or its number");
}

prism::Recovery target_of(const RecoveryFlags& flags) {
  const int given =
      (flags.time.empty() ? 0 : 1) + (flags.lsn.empty() ? 0 : 1) + (flags.name.empty() ? 0 : 1);
  if (given > 1) {
    throw prism::Error(ErrorCode::usage, "--to-time, --to-lsn and --to-name exclude each other");
  }
  if (flags.time == "latest") return {RecoveryTarget::latest};
  if (!flags.time.empty()) {
    const auto moment = prism::parse_moment(flags.time);
    if (moment) return {RecoveryTarget::time, *moment};
    throw prism::Error(ErrorCode::usage, "--to-time: no time: " + prism::in_quotes(flags.time),
                       "2026-11-21T10:15:00Z, 2026-11-21 11:15:00.5+01:00, or latest; UTC where no "
                       "zone is named");
  }
  if (!flags.lsn.empty()) {
    if (prism::drivers::is_lsn(flags.lsn)) return {RecoveryTarget::lsn, flags.lsn};
    throw prism::Error(ErrorCode::usage,
                       "--to-lsn: no place in the WAL: " + prism::in_quotes(flags.lsn),
                       "1/6B3A7F8");
  }
  if (!flags.name.empty()) return {RecoveryTarget::name, flags.name};
  return {};
}

}  // namespace

prism::Recovery parse_recovery(const RecoveryFlags& flags) {
  require_timeline(flags);
  Recovery recovery = target_of(flags);
  if (!flags.timeline.empty()) recovery.timeline = flags.timeline;
  return recovery;
}

bool reaches(const Backup& backup, const Recovery& recovery) {
  for (const TargetRecord& target : backup.manifest->targets) {
    const auto& physical = target.content.physical;
    if (!physical) continue;
    if (recovery.target == RecoveryTarget::time && physical->stopped > recovery.value) return false;
    if (recovery.target == RecoveryTarget::lsn &&
        prism::drivers::is_before(recovery.value, physical->stop_lsn)) {
      return false;
    }
  }
  return true;
}

std::string fetch_command(Session& session) {
  std::string command = in_command(fs::read_symlink("/proc/self/exe").string());
  const prism::config::OpenSources opened(session.sources());
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) command += fmt::format(" {} {}", flag, in_command(value));
  };
  const auto absolute = [](const fs::path& path) {
    return path.empty() ? std::string() : fs::absolute(path).string();
  };
  add("--config", absolute(opened.config_file()));
  add("--env-file", absolute(session.sources().env_file));
  add("--repository", place_of(session.settings().text(Setting::repository)));
  // The server has no variables of ours, and of this one there is no flag.
  const std::string identity = absolute(session.settings().text(Setting::backup_identity_file));
  if (!identity.empty()) {
    command = "PRISMCTL_BACKUP_IDENTITY_FILE=" + in_command(identity) + " " + command;
  }
  return command + " wal fetch %f %p";
}

std::string not_in_fetch_command(Session& session) {
  constexpr std::string_view kVariable = "environment ", kFlag = "flag ";
  std::string names;
  if (!session.settings().text(Setting::repository).starts_with("s3://")) return names;
  for (const auto& spec : prism::config::setting_specs()) {
    std::string_view origin = session.settings().value(spec.setting).origin;
    if (!spec.key.starts_with("s3.")) continue;
    if (!origin.starts_with(kVariable) && !origin.starts_with(kFlag)) continue;
    origin.remove_prefix(origin.find(' ') + 1);
    names += (names.empty() ? "" : ", ") + std::string(origin);
  }
  return names;
}

std::string require_wal(const TargetRecord& record, const Recovery& recovery,
                        prism::repository::Repository& repository, const prism::Cancel& cancel) {
  if (recovery.target == RecoveryTarget::consistent) return "its own WAL is enough";
  const auto& physical = *record.content.physical;
  const auto reach = prism::drivers::wal_reach(repository, physical, cancel);
  if (reach.last.empty()) {
    throw prism::Error(ErrorCode::input_missing,
                       fmt::format("target {}: the repository has no WAL from {} on", record.name,
                                   physical.last_segment),
                       "see prismctl wal list");
  }
  if (recovery.target == RecoveryTarget::lsn &&
      !prism::drivers::is_before(recovery.value, reach.end_lsn)) {
    throw prism::Error(ErrorCode::input_missing,
                       fmt::format("target {}: the WAL ends at {}, before {}", record.name,
                                   reach.end_lsn, recovery.value),
                       reach.gap);
  }
  return fmt::format("WAL from {} to {} is there{}", physical.last_segment, reach.last,
                     reach.gap.empty() ? "" : ": " + reach.gap);
}

}  // namespace prismctl
