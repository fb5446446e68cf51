#include <prism/base/files.hpp>
#include <prism/drivers/sqlite/component.hpp>
#include <prism/drivers/sqlite/scratch.hpp>
#include <prism/repository/hash.hpp>

namespace prism::sqlite {
namespace {

namespace fs = std::filesystem;

/// Takes the one artifact there is, and keeps its hash alone.
class HashedArtifact : public backup::ArtifactWriter {
 public:
  std::unique_ptr<ByteSink> create(const std::string&) override {
    return std::make_unique<Sink>(sha256_);
  }
  const std::string& sha256() const { return sha256_; }

 private:
  class Nowhere : public ByteSink {
   public:
    void write(std::string_view) override {}
    void finish() override {}
  };

  class Sink : public ByteSink {
   public:
    explicit Sink(std::string& sha256) : sha256_(sha256) {}
    void write(std::string_view bytes) override { hash_.write(bytes); }
    void finish() override {
      hash_.finish();
      sha256_ = hash_.sha256();
    }

   private:
    Nowhere nowhere_;
    repository::HashSink hash_{nowhere_};
    std::string& sha256_;
  };

  std::string sha256_;
};

std::string sha256_of(ByteSource& source) {
  repository::HashSource hashed(source);
  std::vector<char> block(std::size_t{1} << 20);
  while (hashed.read(block) > 0) continue;
  return hashed.sha256();
}

class ScratchFile : public backup::ScratchTarget {
 public:
  ScratchFile(const fs::path& folder, Log& log, const Cancel& cancel)
      : folder_(folder, "prismctl-restore-test-"),
        file_(folder_.path() / "restored.db"),
        component_(open_component({file_, folder_.path()}, log, cancel)) {}

  std::string location() const override { return file_.string(); }
  backup::Component& component() override { return *component_; }

  backup::Found examine(backup::ArtifactReader& artifacts) override {
    const std::string stored = sha256_of(*artifacts.open(artifacts.names().at(0)));
    HashedArtifact restored;
    const backup::Content content = component_->dump(restored);
    return {content.counts, {{"SHA-256 of the file", stored, restored.sha256()}}};
  }

 private:
  TemporaryFolder folder_;
  fs::path file_;
  std::unique_ptr<backup::Component> component_;
};

}  // namespace

std::unique_ptr<backup::ScratchTarget> make_scratch_file(const fs::path& folder, Log& log,
                                                         const Cancel& cancel) {
  return std::make_unique<ScratchFile>(folder.empty() ? fs::temp_directory_path() : folder, log,
                                       cancel);
}

}  // namespace prism::sqlite
