#include <algorithm>

#include <prism/backup/catalog.hpp>
#include <prism/backup/make_backup.hpp>
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
      : repository_(repository), options_(options), context_(context), id_(std::move(id)) {}

  TargetRecord dump(const NamedComponent& target) {
    const auto begin = std::chrono::steady_clock::now();
    TargetRecord record{target.name, target.kind, target.component->location(), {}, {}, 0, {}};
    try {
      dump(*target.component, record);
    } catch (const Error& e) {
      context_.cancel.check();
      fail(record, e.what());
    } catch (const std::exception& e) {
      fail(record, e.what());
    }
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
  void dump(Component& component, TargetRecord& record) {
    StoredArtifactWriter writer(repository_, id_, record.name, options_.store, context_.cancel);
    record.content = component.dump(writer);
    for (const std::string& remark : record.content.remarks) {
      context_.log.warning("target " + record.name + ": " + remark);
    }
    record.artifacts = writer.artifacts();
    require_something(record.artifacts);
  }

  /// What it has stored is of no use.
  void fail(TargetRecord& record, const std::string& words) {
    context_.log.error("target " + record.name + ": " + words);
    record.error = words;
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
  std::string id_;
};

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
  Maker maker(repository, options, context, manifest.id);
  run_parallel(targets.size(), options.jobs, [&](std::size_t i) {
    context.cancel.check();
    manifest.targets[i] = maker.dump(targets[i]);
  });
  manifest.finished = format_utc(Clock::now());
  maker.write(manifest);
  return manifest;
}

}  // namespace prism::backup
