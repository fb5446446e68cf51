#include <algorithm>

#include <prism/backup/catalog.hpp>
#include <prism/backup/make_backup.hpp>
#include <prism/backup/shared_progress.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/host.hpp>
#include <prism/base/parallel.hpp>
#include <prism/repository/encrypt.hpp>

namespace prism::backup {
namespace {

using repository::Repository;
using Clock = std::chrono::system_clock;

/// Later than all that are there, whatever the clock says: the newest is the one made last.
std::string new_id(Repository& repository, Log& log) {
  const std::string newest = newest_id(repository);
  const Clock::time_point now = Clock::now();
  if (const auto words = warning_of_future(newest, now)) log.warning(*words);
  const auto last = time_of_id(newest);
  return make_id(last ? std::max(now, *last + std::chrono::seconds(1)) : now);
}

void require_something(const std::vector<Artifact>& artifacts) {
  const bool empty =
      artifacts.empty() || std::any_of(artifacts.begin(), artifacts.end(),
                                       [](const Artifact& one) { return one.bytes == 0; });
  if (!empty) return;
  throw Error(ErrorCode::io, "the dump is empty", "see the log of the target");
}

class Maker {
 public:
  Maker(Repository& repository, const MakeOptions& options, Context& context, std::string id)
      : repository_(repository),
        options_(options),
        context_(context),
        progress_(context.progress, "backup"),
        id_(std::move(id)) {}

  void begin(const Begun& begun) { put(kBegun, to_json_text(begun)); }

  TargetRecord dump(const NamedComponent& target) {
    const auto begin = std::chrono::steady_clock::now();
    TargetRecord record{target.name, target.kind, target.component->location(), {}, {}, 0, {}};
    HookRunner hooks(target.hooks, {"backup", target.name}, context_.log);
    const Cancel& cancel = target.cancel ? *target.cancel : context_.cancel;
    if (target.cancel) target.cancel->limit_time(target.time_limit);
    progress_.begin(record.name);
    try {
      hooks.before(cancel);
      dump(*target.component, record, cancel);
    } catch (const Error& e) {
      record.error = e.what();
      record.hint = e.hint();
    } catch (const std::exception& e) {
      record.error = e.what();
    }
    progress_.end(record.name);
    if (target.cancel) target.cancel->limit_time(std::chrono::seconds(0));
    record.after_error = hooks.after(record.error.empty() ? "ok" : "failed");
    context_.cancel.check();
    if (!record.error.empty()) drop(record);
    record.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return record;
  }

  /// All targets are stored by now, and of no use without it.
  void write(const Manifest& manifest) {
    require_lock();
    try {
      put(kManifest, to_json_text(manifest));
    } catch (const Error& e) {
      context_.cancel.check();
      throw Error(ErrorCode::critical,
                  "backup " + id_ + " is none without its manifest: " + e.what(), e.hint());
    }
    require_lock_behind_manifest();
    remove(object_name(id_, kBegun));
  }

  /// Where nothing was stored, nothing is left.
  void give_up() {
    try {
      if (repository_.list(id_ + "/").size() == 1) repository_.remove(object_name(id_, kBegun));
    } catch (const std::exception&) {
      // `list` tells of it.
    }
  }

 private:
  void require_lock() const {
    if (options_.require_lock) options_.require_lock();
  }

  /// A manifest whose blocks another run has removed would be that of a good backup. One that can't
  /// be looked after now stays: the run goes on as before, and is ended where it loses the lock.
  void require_lock_behind_manifest() {
    try {
      require_lock();
    } catch (const Error& e) {
      if (e.code() == ErrorCode::locked) {
        remove(object_name(id_, kManifest));
        throw;
      }
      context_.log.warning(std::string("the lock of the repository could not be looked at: ") +
                           e.what());
    }
  }

  void put(const char* name, const std::string& text) {
    const auto sink = repository_.create(object_name(id_, name));
    sink->write(text);
    sink->finish();
  }

  /// What stays is of no use, and does no harm.
  void remove(const std::string& object) {
    try {
      repository_.remove(object);
    } catch (const std::exception& e) {
      context_.log.warning(std::string("not removed: ") + e.what());
    }
  }

  void dump(Component& component, TargetRecord& record, const Cancel& cancel) {
    StoredArtifactWriter writer(repository_, id_, record.name, options_.store, cancel);
    CountedWriter counted(writer, progress_, record.name);
    record.content = component.dump(counted);
    for (const std::string& remark : record.content.remarks) {
      context_.log.warning("target " + record.name + ": " + remark);
    }
    for (const std::string& one : record.content.left_out) {
      context_.log.warning("target " + record.name + ": left out: " + one);
    }
    record.artifacts = writer.artifacts();
    require_something(record.artifacts);
  }

  /// What a target that failed has stored is of no use.
  void drop(TargetRecord& record) {
    const std::string hint = record.hint.empty() ? "" : " (" + record.hint + ")";
    context_.log.error("target " + record.name + ": " + record.error + hint);
    record.artifacts.clear();
    for (const std::string& object : stored_of(record.name)) remove(object);
  }

  std::vector<std::string> stored_of(const std::string& target) {
    std::vector<std::string> names;
    try {
      for (const auto& object : repository_.list(id_ + "/")) {
        if (object.name.starts_with(object_name(id_, target + "."))) names.push_back(object.name);
      }
    } catch (const std::exception& e) {
      context_.log.warning("target " + target + ": what it has stored stays: " + e.what());
    }
    return names;
  }

  Repository& repository_;
  const MakeOptions& options_;
  Context& context_;
  SharedProgress progress_;
  std::string id_;
};

void dump_all(std::span<NamedComponent> targets, const MakeOptions& options, Context& context,
              Maker& maker, Manifest& manifest) {
  run_parallel(targets.size(), options.jobs, [&](std::size_t i) {
    context.cancel.check();
    manifest.targets[i] = maker.dump(targets[i]);
  });
}

Begun begun_of(const Manifest& manifest, std::span<const NamedComponent> targets) {
  Begun begun{this_run("backup"), manifest.started, {}, manifest.before_restore_of};
  for (const NamedComponent& target : targets) begun.targets.push_back(target.name);
  return begun;
}

}  // namespace

Manifest make_backup(Repository& repository, std::span<NamedComponent> targets,
                     const MakeOptions& options, Context& context) {
  Manifest manifest;
  if (!options.store.recipients.empty()) {
    repository::require_recipients(options.store.recipients, context.cancel);
  }
  manifest.id = new_id(repository, context.log);
  manifest.started = format_utc(Clock::now());
  manifest.tool = options.tool;
  manifest.host = host_name();
  manifest.before_restore_of = options.before_restore_of;
  manifest.targets.resize(targets.size());
  HookRunner hooks(options.hooks, {"backup", ""}, context.log);
  Maker maker(repository, options, context, manifest.id);
  maker.begin(begun_of(manifest, targets));
  try {
    hooks.before(context.cancel);
    dump_all(targets, options, context, maker, manifest);
  } catch (...) {
    hooks.after("failed");
    maker.give_up();
    throw;
  }
  manifest.after_error = hooks.after(manifest.is_complete() ? "ok" : "failed");
  context.cancel.check();
  manifest.finished = format_utc(Clock::now());
  maker.write(manifest);
  return manifest;
}

}  // namespace prism::backup
