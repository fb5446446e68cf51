#include <fmt/format.h>

#include <prism/backup/restore.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

namespace prism::backup {
namespace {

using repository::Repository;

const TargetRecord& record_of(const Backup& backup, const std::string& target) {
  if (!backup.manifest) {
    throw Error(backup.state == State::damaged ? ErrorCode::critical : ErrorCode::input_missing,
                fmt::format("backup {} is {}: there is nothing to restore from", backup.id,
                            state_name(backup.state)),
                backup.trouble);
  }
  const TargetRecord* const record = backup.manifest->find(target);
  if (record == nullptr) {
    throw Error(ErrorCode::input_missing,
                fmt::format("backup {} has no target {}", backup.id, in_quotes(target)));
  }
  if (record->error.empty()) return *record;
  throw Error(ErrorCode::input_missing, fmt::format("target {} failed when backup {} was made: {}",
                                                    target, backup.id, record->error));
}

void require_kind(const TargetRecord& record, const NamedComponent& target) {
  if (record.kind == target.kind) return;
  throw Error(ErrorCode::usage, fmt::format("target {} is {}, its backup is of {}", target.name,
                                            target.kind, record.kind));
}

std::vector<RestoredTarget> plan(const Backup& backup, std::span<NamedComponent> targets) {
  std::vector<RestoredTarget> planned;
  for (const NamedComponent& target : targets) {
    const TargetRecord& record = record_of(backup, target.name);
    require_kind(record, target);
    planned.push_back({target.name, target.kind, target.component->location(),
                       target.component->present(), record.content});
  }
  return planned;
}

void require_empty(const std::vector<RestoredTarget>& planned) {
  for (const RestoredTarget& target : planned) {
    if (!target.before) continue;
    throw Error(ErrorCode::refused,
                fmt::format("target {}: {} holds something already", target.name, target.location),
                "--force overwrites it, and keeps a copy in the repository");
  }
}

/// Of those that hold something.
std::string copy_what_is_there(Repository& repository, const Backup& backup,
                               std::span<NamedComponent> targets,
                               const std::vector<RestoredTarget>& planned, MakeOptions options,
                               Context& context) {
  std::vector<NamedComponent> present;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (planned[i].before) present.push_back(std::move(targets[i]));
  }
  if (present.empty()) return {};
  options.before_restore_of = backup.id;
  const Manifest copy = make_backup(repository, present, options, context);
  auto next = present.begin();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (planned[i].before) targets[i] = std::move(*next++);
  }
  if (copy.is_complete()) return copy.id;
  throw Error(ErrorCode::critical, "no safety copy of what is there could be made",
              "nothing was touched; --no-safety-copy goes without");
}

/// Damage ends a restore before it begins.
void require_sound(Repository& repository, const Backup& backup, const NamedComponent& target,
                   const ComponentOfKind& component_of_kind, const ReadOptions& options,
                   const Cancel& cancel) {
  try {
    verify_target(repository, backup.id, *backup.manifest->find(target.name), component_of_kind,
                  options, cancel);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data) throw;
    throw Error(ErrorCode::critical, e.what(),
                "nothing was touched; prismctl backup list shows which backups there are");
  }
}

void restore_one(Repository& repository, const Backup& backup, NamedComponent& target,
                 const ReadOptions& options, const Cancel& cancel) {
  const TargetRecord& record = *backup.manifest->find(target.name);
  StoredArtifactReader reader(repository, backup.id, record, options, cancel);
  const Content content = target.component->restore(reader);
  if (content.counts == record.content.counts) return;
  throw Error(ErrorCode::critical,
              fmt::format("target {}: after the restore it does not hold what backup {} says",
                          target.name, backup.id));
}

/// Once one of them is restored, what ends it is critical: some are as they were, some are not.
void restore_all(Repository& repository, const Backup& backup, std::span<NamedComponent> targets,
                 const ReadOptions& options, const Cancel& cancel) {
  std::string done;
  for (NamedComponent& target : targets) {
    try {
      cancel.check();
      restore_one(repository, backup, target, options, cancel);
    } catch (const Error& e) {
      if (done.empty() || cancel.requested()) throw;
      throw Error(ErrorCode::critical, fmt::format("target {}: {}", target.name, e.what()),
                  "restored already: " + done + "; the same again does them all");
    }
    done += (done.empty() ? "" : ", ") + target.name;
  }
}

}  // namespace

Restored restore(Repository& repository, const Backup& backup, std::span<NamedComponent> targets,
                 const RestoreOptions& options, const ComponentOfKind& component_of_kind,
                 Context& context) {
  Restored restored{backup.id, {}, plan(backup, targets)};
  if (!options.force && !options.dry_run) require_empty(restored.targets);
  for (const NamedComponent& target : targets) {
    context.cancel.check();
    require_sound(repository, backup, target, component_of_kind, options.read, context.cancel);
  }
  if (options.dry_run) return restored;
  if (options.safety_copy) {
    restored.safety_copy =
        copy_what_is_there(repository, backup, targets, restored.targets, options.safety, context);
  }
  restore_all(repository, backup, targets, options.read, context.cancel);
  return restored;
}

}  // namespace prism::backup
