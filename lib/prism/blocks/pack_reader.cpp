#include <utility>

#include <fmt/format.h>
#include <zstd.h>

#include <prism/base/error.hpp>
#include <prism/blocks/pack_reader.hpp>

namespace prism::blocks {
namespace {

constexpr std::size_t kMostFrame = ZSTD_COMPRESSBOUND(kFrameBlocks * kBlockBytes);

std::unique_ptr<ByteSource> open(repository::Repository& repository, const std::string& name) {
  try {
    return repository.open(name);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::input_missing) throw;
    throw Error(ErrorCode::bad_data, name + ": is not there",
                "other backups that need it are damaged as well");
  }
}

void require_as_noted(const repository::HashSource& read, const PackRecord& pack,
                      const std::string& name) {
  if (read.bytes() != pack.stored_bytes) {
    throw Error(ErrorCode::bad_data,
                fmt::format("{}: {} bytes, expected {}", name, read.bytes(), pack.stored_bytes));
  }
  if (read.sha256() != pack.sha256) {
    throw Error(ErrorCode::bad_data, name + ": another SHA-256 than was noted");
  }
}

}  // namespace

PackReader::PackReader(repository::Repository& repository, const PackRecord& pack, bool encrypted,
                       const std::filesystem::path& identity, const Cancel& cancel)
    : repository_(repository),
      pack_(pack),
      cancel_(cancel),
      name_(pack_name(pack.id, encrypted)),
      object_(open(repository, name_)),
      frame_(std::make_unique_for_overwrite<char[]>(kMostFrame)) {
  hash_.emplace(*object_);
  if (!encrypted) return;
  if (identity.empty()) {
    throw Error(ErrorCode::configuration, name_ + ": is encrypted, and no identity is given",
                "see backup.identity_file");
  }
  age_.emplace(*hash_, identity, cancel);
}

std::string_view PackReader::next_frame(std::size_t bytes) {
  for (std::size_t got = 0; got < bytes;) {
    const std::size_t more = read({frame_.get() + got, bytes - got});
    if (more == 0) throw Error(ErrorCode::bad_data, name_ + ": ends too early");
    got += more;
  }
  return {frame_.get(), bytes};
}

void PackReader::finish() {
  char more = 0;
  if (read({&more, 1}) > 0) {
    throw Error(ErrorCode::bad_data, name_ + ": goes on behind its last frame");
  }
  require_as_noted(*hash_, pack_, name_);
}

std::size_t PackReader::read(std::span<char> into) {
  if (!age_) return hash_->read(into);
  try {
    return age_->read(into);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::bad_data && e.code() != ErrorCode::permission) throw;
    // For age a damaged beginning is another's.
    check_pack(repository_, pack_, true, cancel_);
    throw Error(e.code(), name_ + ": " + e.what(), e.hint());
  }
}

void check_pack(repository::Repository& repository, const PackRecord& pack, bool encrypted,
                const Cancel& cancel) {
  constexpr std::size_t kPiece = std::size_t{256} << 10;
  const std::string name = pack_name(pack.id, encrypted);
  const auto object = open(repository, name);
  repository::HashSource source(*object);
  const auto piece = std::make_unique_for_overwrite<char[]>(kPiece);
  while (source.read({piece.get(), kPiece}) > 0) cancel.check();
  require_as_noted(source, pack, name);
}

}  // namespace prism::blocks
