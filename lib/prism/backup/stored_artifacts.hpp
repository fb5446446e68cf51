#pragma once

#include <filesystem>

#include <prism/backup/manifest.hpp>
#include <prism/base/cancel.hpp>
#include <prism/repository/repository.hpp>

namespace prism::backup {

struct StoreOptions {
  int level = 3;                             ///< of zstd: 1 to 19
  unsigned threads = 2;                      ///< that compress, beside the one that writes
  std::vector<std::string> recipients = {};  ///< of age; none: not encrypted
  /// Of an object: what is larger is split. S3 takes no more than 10,000 parts of 8 MiB.
  std::uint64_t part_bytes = std::uint64_t{64} << 30;
};

/// How artifacts that are encrypted are read.
struct ReadOptions {
  std::filesystem::path identity_file = {};  ///< of age; empty: they can't be
};

/// Writes the artifacts of one target into the folder of a backup: compressed, then encrypted.
class StoredArtifactWriter : public ArtifactWriter {
 public:
  StoredArtifactWriter(repository::Repository& repository, std::string id, std::string target,
                       StoreOptions options, const Cancel& cancel);

  std::unique_ptr<ByteSink> create(const std::string& name) override;

  /// Those that were finished.
  const std::vector<Artifact>& artifacts() const { return artifacts_; }

 private:
  repository::Repository& repository_;
  std::string id_;
  std::string target_;
  StoreOptions options_;
  const Cancel& cancel_;
  std::vector<Artifact> artifacts_;
};

bool is_encrypted(const Artifact& artifact);
PRISM_API bool is_encrypted(const TargetRecord& target);

/// Throws where an artifact that is encrypted can't be decrypted: see repository::AgeSource.
void require_opened(repository::Repository& repository, const std::string& id,
                    const TargetRecord& target, const ReadOptions& options, const Cancel& cancel);

/// Reads what is stored of an artifact to its end. Throws Error(bad_data) where it is not what the
/// manifest says.
void check_stored(repository::Repository& repository, const std::string& id,
                  const Artifact& artifact);

/// Reads them again, and throws Error(bad_data) at the end of one whose bytes are not those that
/// were stored.
class PRISM_API StoredArtifactReader : public ArtifactReader {
 public:
  StoredArtifactReader(repository::Repository& repository, std::string id,
                       const TargetRecord& target, ReadOptions options, const Cancel& cancel)
      : repository_(repository),
        id_(std::move(id)),
        target_(target),
        options_(std::move(options)),
        cancel_(cancel) {}

  std::vector<std::string> names() const override;
  std::unique_ptr<ByteSource> open(const std::string& name) override;
  std::uint64_t size(const std::string& name) const override;

 private:
  const Artifact& artifact(const std::string& name) const;

  repository::Repository& repository_;
  std::string id_;
  const TargetRecord& target_;
  ReadOptions options_;
  const Cancel& cancel_;
};

}  // namespace prism::backup
