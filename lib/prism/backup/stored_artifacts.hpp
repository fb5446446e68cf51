#pragma once

#include <prism/backup/manifest.hpp>
#include <prism/repository/repository.hpp>

namespace prism::backup {

struct CompressOptions {
  int level = 3;         ///< of zstd: 1 to 19
  unsigned threads = 1;  ///< beside the one that writes
};

/// Writes the artifacts of one target into the folder of a backup, compressed.
class StoredArtifactWriter : public ArtifactWriter {
 public:
  StoredArtifactWriter(repository::Repository& repository, std::string id, std::string target,
                       CompressOptions compress);

  std::unique_ptr<ByteSink> create(const std::string& name) override;

  /// Those that were finished.
  const std::vector<Artifact>& artifacts() const { return artifacts_; }

 private:
  repository::Repository& repository_;
  std::string id_;
  std::string target_;
  CompressOptions compress_;
  std::vector<Artifact> artifacts_;
};

/// Reads them again, and throws Error(bad_data) at the end of one whose bytes are not those that
/// were stored.
class StoredArtifactReader : public ArtifactReader {
 public:
  StoredArtifactReader(repository::Repository& repository, std::string id,
                       const TargetRecord& target)
      : repository_(repository), id_(std::move(id)), target_(target) {}

  std::vector<std::string> names() const override;
  std::unique_ptr<ByteSource> open(const std::string& name) override;

 private:
  repository::Repository& repository_;
  std::string id_;
  const TargetRecord& target_;
};

}  // namespace prism::backup
