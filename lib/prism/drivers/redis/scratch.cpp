#include <prism/backup/copy_artifact.hpp>
#include <prism/base/files.hpp>
#include <prism/drivers/redis/component.hpp>
#include <prism/drivers/redis/scratch.hpp>
#include <prism/drivers/redis/scratch_server.hpp>

namespace prism::redis {
namespace {

namespace fs = std::filesystem;

/// One artifact of several.
class OneArtifact : public backup::ArtifactReader {
 public:
  OneArtifact(backup::ArtifactReader& all, std::string name) : all_(all), name_(std::move(name)) {}

  std::vector<std::string> names() const override { return {name_}; }
  std::unique_ptr<ByteSource> open(const std::string& name) override { return all_.open(name); }
  std::uint64_t size(const std::string& name) const override { return all_.size(name); }

 private:
  backup::ArtifactReader& all_;
  std::string name_;
};

class ScratchRedis : public backup::ScratchTarget {
 public:
  ScratchRedis(fs::path folder, Log& log, const Cancel& cancel)
      : folder_(std::move(folder)),
        log_(log),
        cancel_(cancel),
        server_(folder_, {}, log, cancel),
        component_(open(server_)) {}

  std::string location() const override { return "a redis-server started for it"; }
  backup::Component& component() override { return *component_; }

  backup::Found examine(backup::ArtifactReader& artifacts) override {
    const auto present = component_->present(backup::Look::counted);
    backup::Found found{present ? present->counts : backup::Counts(), {}};
    const auto names = artifacts.names();
    for (const std::string& name : names) {
      found.checks.push_back(
          {"digest of " + name, digest_of_file(artifacts, name),
           names.size() == 1 ? server_.digest() : digest_of_restored(artifacts, name)});
    }
    return found;
  }

 private:
  std::unique_ptr<backup::Component> open(const ScratchServer& server) {
    return open_component({.address = server.address(), .scratch_folder = folder_}, log_, cancel_);
  }

  std::string digest_of_file(backup::ArtifactReader& artifacts, const std::string& name) {
    const TemporaryFolder folder(folder_, "prismctl-rdb-");
    const fs::path file = folder.path() / "dump.rdb";
    backup::copy_artifact(artifacts, name, file, cancel_);
    return ScratchServer(folder_, file, log_, cancel_).digest();
  }

  /// Of one of several nodes alone.
  std::string digest_of_restored(backup::ArtifactReader& artifacts, const std::string& name) {
    ScratchServer server(folder_, {}, log_, cancel_);
    OneArtifact one(artifacts, name);
    open(server)->restore(one);
    return server.digest();
  }

  fs::path folder_;
  Log& log_;
  const Cancel& cancel_;
  ScratchServer server_;
  std::unique_ptr<backup::Component> component_;
};

}  // namespace

std::unique_ptr<backup::ScratchTarget> make_scratch_server(const fs::path& folder, Log& log,
                                                           const Cancel& cancel) {
  return std::make_unique<ScratchRedis>(folder.empty() ? fs::temp_directory_path() : folder, log,
                                        cancel);
}

}  // namespace prism::redis
