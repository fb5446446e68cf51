#include <algorithm>
#include <array>

#include <prism/backup/catalog.hpp>
#include <prism/backup/stored_artifacts.hpp>
#include <prism/base/error.hpp>
#include <prism/repository/compress.hpp>
#include <prism/repository/encrypt.hpp>
#include <prism/repository/hash.hpp>

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
  ArtifactSink(std::unique_ptr<ByteSink> object, const StoreOptions& options, const Cancel& cancel,
               Artifact artifact, std::vector<Artifact>& artifacts)
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
    artifact_.stored_bytes = stored_.bytes();
    artifact_.sha256 = stored_.sha256();
    artifacts_.push_back(artifact_);
  }

 private:
  std::unique_ptr<ByteSink> object_;
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
      if (e.code() != ErrorCode::bad_data) throw;
      throw Error(ErrorCode::bad_data, where_ + ": damaged: " + e.what());
    }
  }

 private:
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

std::unique_ptr<ByteSource> open_object(repository::Repository& repository, const std::string& id,
                                        const Artifact& artifact) {
  try {
    return repository.open(object_name(id, artifact.object));
  } catch (const Error& e) {
    if (e.code() != ErrorCode::input_missing) throw;
    throw Error(ErrorCode::bad_data,
                place_of(repository, id, artifact) + ": damaged: it is not there");
  }
}

}  // namespace

bool is_encrypted(const Artifact& artifact) { return artifact.object.ends_with(kEncrypted); }

bool is_encrypted(const TargetRecord& target) {
  return std::any_of(target.artifacts.begin(), target.artifacts.end(),
                     [](const Artifact& artifact) { return is_encrypted(artifact); });
}

void check_stored(repository::Repository& repository, const std::string& id,
                  const Artifact& artifact) {
  const std::string where = place_of(repository, id, artifact);
  std::vector<char> block(kBlock);
  try {
    CheckedSource stored(open_object(repository, id, artifact), artifact);
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
  auto object = repository_.create(object_name(id_, artifact.object));
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
  const auto& all = target_.artifacts;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Artifact& artifact) { return artifact.name == name; });
  if (found == all.end()) {
    throw Error(ErrorCode::bad_data, "target " + target_.name + ": the backup has no " + name);
  }
  const std::string where = place_of(repository_, id_, *found);
  if (is_encrypted(*found) && options_.identity_file.empty()) {
    throw Error(ErrorCode::configuration, where + ": encrypted, and no identity opens it",
                "name a file with one in backup.identity_file (PRISMCTL_BACKUP_IDENTITY_FILE)");
  }
  return std::make_unique<ArtifactSource>(open_object(repository_, id_, *found), *found, where,
                                          options_, cancel_);
}

}  // namespace prism::backup
