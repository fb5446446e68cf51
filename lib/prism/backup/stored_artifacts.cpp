#include <algorithm>
#include <array>
#include <functional>

#include <prism/backup/catalog.hpp>
#include <prism/backup/stored_artifacts.hpp>
#include <prism/base/error.hpp>
#include <prism/repository/compress.hpp>
#include <prism/repository/encrypt.hpp>
#include <prism/repository/hash.hpp>
#include <prism/repository/parts.hpp>

namespace prism::backup {
namespace {

using repository::AgeSink;
using repository::AgeSource;
using repository::HashSink;
using repository::HashSource;
using repository::ZstdSink;
using repository::ZstdSource;

constexpr const char* kEncrypted = ".age";
constexpr std::size_t kBlock = std::size_t{1} << 20;

/// An artifact on its way: counted, compressed, encrypted, hashed, stored.
class ArtifactSink : public ByteSink {
 public:
  ArtifactSink(std::unique_ptr<repository::PartSink> object, const StoreOptions& options,
               const Cancel& cancel, Artifact artifact, std::vector<Artifact>& artifacts)
      : object_(std::move(object)),
        stored_(*object_),
        encrypted_(options.recipients.empty()
                       ? nullptr
                       : std::make_unique<AgeSink>(stored_, options.recipients, cancel)),
        compressed_(encrypted_ ? static_cast<ByteSink&>(*encrypted_) : stored_, options.level,
                    options.threads),
        artifact_(std::move(artifact)),
        artifacts_(artifacts) {}

  void write(std::string_view bytes) override {
    artifact_.bytes += bytes.size();
    compressed_.write(bytes);
  }

  void finish() override {
    compressed_.finish();
    artifact_.parts = object_->parts();
    artifact_.stored_bytes = stored_.bytes();
    artifact_.sha256 = stored_.sha256();
    artifacts_.push_back(artifact_);
  }

 private:
  std::unique_ptr<repository::PartSink> object_;
  HashSink stored_;
  std::unique_ptr<AgeSink> encrypted_;
  ZstdSink compressed_;
  Artifact artifact_;
  std::vector<Artifact>& artifacts_;
};

/// Passes on what the object holds. At its end it must have been what the manifest says.
class CheckedSource : public ByteSource {
 public:
  CheckedSource(std::unique_ptr<ByteSource> object, const Artifact& artifact)
      : object_(std::move(object)), stored_(*object_), artifact_(artifact) {}

  std::size_t read(std::span<char> into) override {
    const std::size_t size = stored_.read(into);
    if (size == 0) check();
    return size;
  }

 private:
  void check() {
    if (checked_) return;
    checked_ = true;
    const bool same = stored_.bytes() == artifact_.stored_bytes;
    if (same && stored_.sha256() == artifact_.sha256) return;
    throw Error(ErrorCode::bad_data, same ? "its SHA-256 is another than in the manifest"
                                          : "its size is another than in the manifest");
  }

  std::unique_ptr<ByteSource> object_;
  HashSource stored_;
  const Artifact& artifact_;
  bool checked_ = false;
};

/// What an artifact holds. Damage is told with its place.
class ArtifactSource : public ByteSource {
 public:
  ArtifactSource(std::unique_ptr<ByteSource> object, const Artifact& artifact, std::string where,
                 const ReadOptions& options, const Cancel& cancel)
      : stored_(std::move(object), artifact),
        decrypted_(is_encrypted(artifact)
                       ? std::make_unique<AgeSource>(stored_, options.identity_file, cancel)
                       : nullptr),
        content_(decrypted_ ? static_cast<ByteSource&>(*decrypted_) : stored_),
        where_(std::move(where)) {}

  std::size_t read(std::span<char> into) override {
    try {
      const std::size_t size = content_.read(into);
      // The content may end before what is stored does, which has to be looked at to its end.
      if (size == 0) drain();
      return size;
    } catch (const Error& e) {
      if (e.code() == ErrorCode::permission) tell_damage();
      if (e.code() != ErrorCode::bad_data) throw;
      throw Error(ErrorCode::bad_data, where_ + ": damaged: " + e.what());
    }
  }

 private:
  /// The key looks like another's where its place in the artifact is damaged.
  void tell_damage() {
    std::vector<char> rest(kBlock);
    try {
      while (stored_.read(rest) > 0) continue;
    } catch (const Error& e) {
      if (e.code() != ErrorCode::bad_data) throw;
      throw Error(ErrorCode::bad_data, where_ + ": damaged: " + e.what());
    }
  }

  void drain() {
    std::array<char, 4096> rest{};
    while (decrypted_ && decrypted_->read(rest) > 0) continue;
    while (stored_.read(rest) > 0) continue;
  }

  CheckedSource stored_;
  std::unique_ptr<AgeSource> decrypted_;
  ZstdSource content_;
  std::string where_;
};

std::string place_of(const repository::Repository& repository, const std::string& id,
                     const Artifact& artifact) {
  return repository.location() + "/" + object_name(id, artifact.object);
}

/// What is stored of an artifact. That some of it is not there is damage.
class StoredObject : public ByteSource {
 public:
  StoredObject(repository::Repository& repository, const std::string& id, const Artifact& artifact)
      : place_(place_of(repository, id, artifact)) {
    guarded([&] {
      parts_ = std::make_unique<repository::PartSource>(
          repository, object_name(id, artifact.object), artifact.parts);
      return std::size_t{0};
    });
  }

  std::size_t read(std::span<char> into) override {
    return guarded([&] { return parts_->read(into); });
  }

 private:
  std::size_t guarded(const std::function<std::size_t()>& work) const {
    try {
      return work();
    } catch (const Error& e) {
      if (e.code() != ErrorCode::input_missing) throw;
      throw Error(ErrorCode::bad_data, place_ + ": damaged: it is not there");
    }
  }

  std::string place_;
  std::unique_ptr<repository::PartSource> parts_;
};

}  // namespace

bool is_encrypted(const Artifact& artifact) { return artifact.object.ends_with(kEncrypted); }

bool is_encrypted(const TargetRecord& target) {
  return std::any_of(target.artifacts.begin(), target.artifacts.end(),
                     [](const Artifact& artifact) { return is_encrypted(artifact); });
}

void require_opened(repository::Repository& repository, const std::string& id,
                    const TargetRecord& target, const ReadOptions& options, const Cancel& cancel) {
  StoredArtifactReader reader(repository, id, target, options, cancel);
  for (const Artifact& artifact : target.artifacts) {
    std::array<char, 1> first{};
    if (is_encrypted(artifact)) reader.open(artifact.name)->read(first);
  }
}

void check_stored(repository::Repository& repository, const std::string& id,
                  const Artifact& artifact) {
  const std::string where = place_of(repository, id, artifact);
  std::vector<char> block(kBlock);
  try {
    CheckedSource stored(std::make_unique<StoredObject>(repository, id, artifact), artifact);
    while (stored.read(block) > 0) continue;
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data) throw;
    throw Error(ErrorCode::bad_data, where + ": damaged: " + e.what());
  }
}

// ---- writer -------------------------------------------------------------------------------------

StoredArtifactWriter::StoredArtifactWriter(repository::Repository& repository, std::string id,
                                           std::string target, StoreOptions options,
                                           const Cancel& cancel)
    : repository_(repository),
      id_(std::move(id)),
      target_(std::move(target)),
      options_(std::move(options)),
      cancel_(cancel) {}

std::unique_ptr<ByteSink> StoredArtifactWriter::create(const std::string& name) {
  Artifact artifact;
  artifact.name = name;
  artifact.object = target_ + "." + name + ".zst" + (options_.recipients.empty() ? "" : kEncrypted);
  auto object = std::make_unique<repository::PartSink>(
      repository_, object_name(id_, artifact.object), options_.part_bytes);
  return std::make_unique<ArtifactSink>(std::move(object), options_, cancel_, std::move(artifact),
                                        artifacts_);
}

// ---- reader -------------------------------------------------------------------------------------

std::vector<std::string> StoredArtifactReader::names() const {
  std::vector<std::string> names;
  for (const Artifact& artifact : target_.artifacts) names.push_back(artifact.name);
  return names;
}

std::unique_ptr<ByteSource> StoredArtifactReader::open(const std::string& name) {
  const Artifact& found = artifact(name);
  const std::string where = place_of(repository_, id_, found);
  if (is_encrypted(found) && options_.identity_file.empty()) {
    throw Error(ErrorCode::configuration, where + ": encrypted, and no identity opens it",
                "name a file with one in backup.identity_file (PRISMCTL_BACKUP_IDENTITY_FILE)");
  }
  return std::make_unique<ArtifactSource>(std::make_unique<StoredObject>(repository_, id_, found),
                                          found, where, options_, cancel_);
}

std::uint64_t StoredArtifactReader::size(const std::string& name) const {
  return artifact(name).bytes;
}

const Artifact& StoredArtifactReader::artifact(const std::string& name) const {
  const auto& all = target_.artifacts;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Artifact& artifact) { return artifact.name == name; });
  if (found != all.end()) return *found;
  throw Error(ErrorCode::bad_data, "target " + target_.name + ": the backup has no " + name);
}

}  // namespace prism::backup
