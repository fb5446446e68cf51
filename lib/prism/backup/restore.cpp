#include <utility>

#include <fmt/format.h>

#include <prism/backup/restore.hpp>
#include <prism/backup/shared_progress.hpp>
#include <prism/backup/unfinished_restore.hpp>
#include <prism/base/backoff.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>

namespace prism::backup {
namespace {

using repository::Repository;

void require_manifest(const Backup& backup) {
  if (backup.manifest) return;
  throw Error(backup.state == State::damaged ? ErrorCode::critical : ErrorCode::input_missing,
              fmt::format("backup {} is {}: there is nothing to restore from", backup.id,
                          state_name(backup.state)),
              backup.trouble);
}

const TargetRecord& record_of(const Backup& backup, const std::string& target) {
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

std::vector<RestoredTarget> plan(const Backup& backup, std::span<NamedComponent> targets,
                                 Look look) {
  require_manifest(backup);
  if (targets.empty()) {
    throw Error(ErrorCode::input_missing,
                fmt::format("backup {} has no target that did not fail", backup.id));
  }
  std::vector<RestoredTarget> planned;
  for (const NamedComponent& target : targets) {
    const TargetRecord& record = record_of(backup, target.name);
    require_kind(record, target);
    planned.push_back({target.name, target.kind, target.component->location(),
                       target.component->present(look), record.content,
                       target.component->unfinished()});
  }
  return planned;
}

void require_empty(const std::vector<RestoredTarget>& planned, bool safety_copy) {
  for (const RestoredTarget& target : planned) {
    if (!target.before || target.unfinished) continue;
    throw Error(ErrorCode::refused,
                fmt::format("target {}: {} holds something already", target.name, target.location),
                safety_copy ? "--force overwrites it, and keeps a copy in the repository"
                            : "--force overwrites it, and keeps no copy");
  }
}

bool is_copied(const RestoredTarget& planned) { return planned.before && !planned.unfinished; }

/// Of those that hold something. What a restore that was cut off has left is not worth a copy: it
/// made one of what was there before.
std::string copy_what_is_there(Repository& repository, const Backup& backup,
                               std::span<NamedComponent> targets,
                               const std::vector<RestoredTarget>& planned, MakeOptions options,
                               Context& context) {
  std::vector<NamedComponent> present;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (is_copied(planned[i])) present.push_back(std::move(targets[i]));
  }
  if (present.empty()) return {};
  options.before_restore_of = backup.id;
  options.hooks = {};  // those of the restore have been run
  std::vector<Hooks> hooks;
  for (NamedComponent& target : present) hooks.push_back(std::exchange(target.hooks, {}));
  const Manifest copy = make_backup(repository, present, options, context);
  std::size_t next = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!is_copied(planned[i])) continue;
    targets[i] = std::move(present[next]);
    targets[i].hooks = std::move(hooks[next++]);
  }
  if (copy.is_complete()) return copy.id;
  throw Error(ErrorCode::critical, "no safety copy of what is there could be made",
              "nothing was touched; --no-safety-copy goes without");
}

/// A damaged backup, of which nothing was restored.
Error damage(const Error& error) {
  return {ErrorCode::critical, error.what(),
          "nothing was touched; prismctl backup list shows which backups there are"};
}

/// Whether damage may be left to the restore to find, which saves a reading: it takes nothing away,
/// stops nothing, and comes after no other.
bool finds_damage(std::span<const NamedComponent> targets,
                  const std::vector<RestoredTarget>& planned, const RestoreOptions& options) {
  const auto none = [](const Hooks& hooks) { return hooks.before.empty() && hooks.after.empty(); };
  return targets.size() == 1 && targets[0].component->restores_checked() && !options.dry_run &&
         !planned[0].before && !planned[0].unfinished && none(options.safety.hooks) &&
         none(targets[0].hooks);
}

/// Damage ends a restore before it begins. Where the component looks closely all the same, what is
/// stored need only be what was stored.
void require_sound(Repository& repository, const Backup& backup, const NamedComponent& target,
                   bool unread, const ComponentOfKind& component_of_kind,
                   const RestoreOptions& options, const Cancel& cancel) {
  const TargetRecord& record = *backup.manifest->find(target.name);
  try {
    if (target.component->restores_checked() && !options.dry_run) {
      for (const Artifact& artifact : record.artifacts) {
        if (!unread) check_stored(repository, backup.id, artifact);
      }
      require_opened(repository, backup.id, record, options.read, cancel);
    } else {
      verify_target(repository, backup.id, record, component_of_kind, options.read, cancel);
    }
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data) throw;
    throw damage(e);
  }
}

/// The time that a target may take, while this is there.
class TimeLimit {
 public:
  explicit TimeLimit(const NamedComponent& target) : cancel_(target.cancel.get()) {
    if (cancel_ != nullptr) cancel_->limit_time(target.time_limit);
  }
  ~TimeLimit() {
    if (cancel_ != nullptr) cancel_->limit_time(std::chrono::seconds(0));
  }
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  Cancel* cancel_;
};

/// What would end the restore of one of them ends it before the first is touched.
void require_restorable(Repository& repository, const Backup& backup,
                        std::span<NamedComponent> targets, const ReadOptions& options,
                        const Cancel& cancel) {
  for (const NamedComponent& target : targets) {
    cancel.check();
    StoredArtifactReader reader(repository, backup.id, *backup.manifest->find(target.name), options,
                                cancel);
    target.component->require_restorable(reader);
  }
}

void restore_one(Repository& repository, const Backup& backup, NamedComponent& target,
                 const ReadOptions& options, SharedProgress& progress, const Cancel& cancel) {
  const TargetRecord& record = *backup.manifest->find(target.name);
  const TimeLimit limit(target);
  StoredArtifactReader reader(repository, backup.id, record, options,
                              target.cancel ? *target.cancel : cancel);
  CountedReader counted(reader, progress, target.name);
  progress.begin(target.name);
  const Content content = target.component->restore(counted);
  progress.end(target.name);
  if (content.counts == record.content.counts) return;
  throw Error(ErrorCode::critical,
              fmt::format("target {}: after the restore it does not hold what backup {} says",
                          target.name, backup.id));
}

bool is_begun(const Error& error) {
  return dynamic_cast<const UnfinishedRestore*>(&error) != nullptr;
}

/// Whether an error says that the target was left alone: it asks for something, as it would before
/// a restore is begun.
bool leaves_alone(const Error& error) {
  if (is_begun(error)) return false;
  switch (error.code()) {
    case ErrorCode::usage:
    case ErrorCode::input_missing:
    case ErrorCode::refused:
    case ErrorCode::locked:
    case ErrorCode::permission:
    case ErrorCode::configuration:
      return true;
    default:
      return false;
  }
}

/// Once one of them is begun, what ends it is critical: some are as they were, some are not.
void restore_all(Repository& repository, const Backup& backup, std::span<NamedComponent> targets,
                 bool unread, const ReadOptions& options, Context& context) {
  SharedProgress progress(context.progress, "restore");
  std::string done;
  for (NamedComponent& target : targets) {
    try {
      context.cancel.check();
      restore_one(repository, backup, target, options, progress, context.cancel);
    } catch (const Error& e) {
      if (context.cancel.requested() || (done.empty() && leaves_alone(e))) throw;
      if (unread && e.code() == ErrorCode::bad_data && !is_begun(e)) throw damage(e);
      throw Error(
          ErrorCode::critical, fmt::format("target {}: {}", target.name, e.what()),
          done.empty() ? e.hint() : "restored already: " + done + "; the same again does them all");
    }
    done += (done.empty() ? "" : ", ") + target.name;
  }
}

/// Why it does not answer; empty: it does. A server that a hook has just started is given a minute.
std::string trouble_of(NamedComponent& target, const Cancel& cancel) {
  Backoff backoff(std::chrono::seconds(target.hooks.after.empty() ? 0 : 60), cancel);
  for (;;) {
    try {
      target.component->present(Look::glance);
      return {};
    } catch (const Error& e) {
      cancel.check();
      if (e.code() != ErrorCode::unavailable || !backoff.pause()) return e.what();
    }
  }
}

/// Whether each answers again.
void look_after(std::span<NamedComponent> targets, Restored& restored, Context& context) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    restored.targets[i].trouble = trouble_of(targets[i], context.cancel);
    const std::string& trouble = restored.targets[i].trouble;
    if (!trouble.empty()) {
      context.log.error("target " + targets[i].name + ": restored, but " + trouble);
    }
  }
}

/// The hooks of the set and of its targets, around a restore. Those afterwards are run in the
/// opposite order, for each whose hook before was begun.
class RestoreHooks {
 public:
  RestoreHooks(const Hooks& all, std::span<NamedComponent> targets, Context& context)
      : targets_(targets), context_(context) {
    runners_.emplace_back(all, Occasion{"restore", ""}, context.log);
    for (const NamedComponent& target : targets) {
      runners_.emplace_back(target.hooks, Occasion{"restore", target.name}, context.log);
    }
  }
  ~RestoreHooks() { after("failed"); }
  RestoreHooks(const RestoreHooks&) = delete;
  RestoreHooks& operator=(const RestoreHooks&) = delete;

  void before() {
    runners_[begun_++].before(context_.cancel);
    for (const NamedComponent& target : targets_) {
      const TimeLimit limit(target);
      runners_[begun_++].before(target.cancel ? *target.cancel : context_.cancel);
    }
  }

  /// Why one of them failed; empty: none did.
  std::string after(const std::string& result) {
    std::string trouble;
    while (begun_ > 0) {
      const std::string words = runners_[--begun_].after(result);
      if (trouble.empty()) trouble = words;
    }
    return trouble;
  }

 private:
  std::span<NamedComponent> targets_;
  Context& context_;
  std::vector<HookRunner> runners_;
  std::size_t begun_ = 0;
};

}  // namespace

Restored restore(Repository& repository, const Backup& backup, std::span<NamedComponent> targets,
                 const RestoreOptions& options, const ComponentOfKind& component_of_kind,
                 Context& context) {
  Restored restored{
      backup.id, {}, plan(backup, targets, options.dry_run ? Look::counted : Look::glance)};
  if (!options.force && !options.dry_run) require_empty(restored.targets, options.safety_copy);
  const bool unread = finds_damage(targets, restored.targets, options);
  for (const NamedComponent& target : targets) {
    context.cancel.check();
    require_sound(repository, backup, target, unread, component_of_kind, options, context.cancel);
  }
  require_restorable(repository, backup, targets, options.read, context.cancel);
  if (options.dry_run) return restored;
  RestoreHooks hooks(options.safety.hooks, targets, context);
  hooks.before();
  if (options.safety_copy) {
    restored.safety_copy =
        copy_what_is_there(repository, backup, targets, restored.targets, options.safety, context);
  }
  restore_all(repository, backup, targets, unread, options.read, context);
  restored.after_error = hooks.after("ok");
  look_after(targets, restored, context);
  return restored;
}

}  // namespace prism::backup
