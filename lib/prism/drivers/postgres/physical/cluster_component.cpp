#include <prism/base/error.hpp>
#include <prism/drivers/postgres/physical/cluster_component.hpp>
#include <prism/drivers/postgres/physical/cluster_copy.hpp>
#include <prism/drivers/postgres/physical/cluster_dump.hpp>
#include <prism/drivers/postgres/physical/cluster_restore.hpp>
#include <prism/drivers/postgres/physical/data_folder.hpp>
#include <prism/drivers/postgres/server.hpp>

namespace prism::postgres {
namespace {

/// A server that runs: copies of it are made.
class RunningCluster : public backup::Component {
 public:
  RunningCluster(ClusterOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)), server_(options_.server, log, cancel), cancel_(cancel) {}

  std::string location() const override { return server_.location(); }

  std::optional<backup::Content> present(backup::Look) override {
    return backup::Content{server_.open_maintenance()->version_text(), {}};
  }

  backup::Content dump(backup::ArtifactWriter& artifacts) override {
    return dump_cluster(server_, options_, artifacts, cancel_);
  }

  backup::Content check(backup::ArtifactReader& artifacts) override {
    return check_cluster(options_, artifacts, cancel_);
  }

  backup::Content restore(backup::ArtifactReader&) override {
    throw Error(ErrorCode::usage, "a physical copy is restored into a folder",
                "prismctl restore ID --type full --into DIR");
  }

 private:
  ClusterOptions options_;
  Server server_;
  const Cancel& cancel_;
};

/// A folder into which copies are restored; also none, where copies are only looked at.
class ClusterFolder : public backup::Component {
 public:
  ClusterFolder(ClusterOptions options, const Cancel& cancel)
      : options_(std::move(options)), cancel_(cancel) {}

  std::string location() const override { return options_.folder.string(); }

  std::optional<backup::Content> present(backup::Look) override {
    if (!folder().holds_something()) return std::nullopt;
    return backup::Content{{}, {}};
  }

  backup::Content dump(backup::ArtifactWriter&) override {
    throw Error(ErrorCode::usage, location() + ": a copy is made of a server that runs");
  }

  backup::Content check(backup::ArtifactReader& artifacts) override {
    return check_cluster(options_, artifacts, cancel_);
  }

  void require_restorable(backup::ArtifactReader& artifacts) override {
    require_cluster_restorable(options_, artifacts);
  }

  backup::Content restore(backup::ArtifactReader& artifacts) override {
    return restore_cluster(options_, artifacts, cancel_);
  }

  /// Blocks are checked on their way. Nothing is lost by one that is damaged: the folder is no
  /// server's before it is whole.
  bool restores_checked() const override { return true; }

  std::optional<std::string> unfinished() override {
    if (!folder().is_unfinished()) return std::nullopt;
    return "a restore that was cut off has left " + location() + " half made";
  }

 private:
  DataFolder folder() const { return {options_.folder, options_.tablespaces, no_files_}; }

  ClusterOptions options_;
  const Cancel& cancel_;
  std::vector<StoredFile> no_files_;
};

}  // namespace

std::unique_ptr<backup::Component> open_cluster(ClusterOptions options, Log& log,
                                                const Cancel& cancel) {
  if (!options.server.url.empty()) {
    return std::make_unique<RunningCluster>(std::move(options), log, cancel);
  }
  return std::make_unique<ClusterFolder>(std::move(options), cancel);
}

}  // namespace prism::postgres
