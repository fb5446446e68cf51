#include <algorithm>

#include <prism/backup/catalog.hpp>
#include <prism/backup/make_backup.hpp>
#include <prism/backup/shared_progress.hpp>
#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/host.hpp>
#include <prism/base/parallel.hpp>

namespace prism::backup {
namespace {

using repository::Repository;
using Clock = std::chrono::system_clock;

/// Later than all that are there, whatever the clock says: the newest is the one made last.
std::string new_id(Repository& repository) {
  Clock::time_point time = Clock::now();
  for (const auto& object : repository.list("")) {
    const auto other = time_of_id(object.name.substr(0, object.name.find('/')));
    if (other) time = std::max(time, *other + std::chrono::seconds(1));
  }
  return make_id(time);
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

  void write(const Manifest& manifest) {
    const auto sink = repository_.create(object_name(id_, kManifest));
    sink->write(to_json_text(manifest));
    sink->finish();
  }

 private:
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
    context_.log.error("target " + record.name + ": " + record.error);
    record.artifacts.clear();
    for (const auto& object : repository_.list(id_ + "/")) {
      if (object.name.starts_with(object_name(id_, record.name + "."))) {
        repository_.remove(object.name);
      }
    }
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

}  // namespace

Manifest make_backup(Repository& repository, std::span<NamedComponent> targets,
                     const MakeOptions& options, Context& context) {
  Manifest manifest;
  manifest.id = new_id(repository);
  manifest.started = format_utc(Clock::now());
  manifest.tool = options.tool;
  manifest.host = host_name();
  manifest.before_restore_of = options.before_restore_of;
  manifest.targets.resize(targets.size());
  HookRunner hooks(options.hooks, {"backup", ""}, context.log);
  Maker maker(repository, options, context, manifest.id);
  try {
    hooks.before(context.cancel);
    dump_all(targets, options, context, maker, manifest);
  } catch (...) {
    hooks.after("failed");
    throw;
  }
  manifest.after_error = hooks.after(manifest.is_complete() ? "ok" : "failed");
  manifest.finished = format_utc(Clock::now());
  maker.write(manifest);
  return manifest;
}

}  // namespace prism::backup
