#include <array>

#include <zstd.h>

#include <prism/base/error.hpp>
#include <prism/blocks/pack_reader.hpp>
#include <prism/repository/encrypt.hpp>
#include <prism/repository/hash.hpp>

namespace prism::blocks {
namespace {

using repository::Repository;

constexpr std::size_t kPiece = 256 * 1024;

std::string place_of(const Repository& repository, const std::string& id, bool encrypted) {
  return repository.location() + "/" + pack_object(id, encrypted);
}

std::unique_ptr<ByteSource> open_pack(Repository& repository, const std::string& id,
                                      bool encrypted) {
  try {
    return repository.open(pack_object(id, encrypted));
  } catch (const Error& e) {
    if (e.code() != ErrorCode::input_missing) throw;
    throw Error(ErrorCode::bad_data,
                place_of(repository, id, encrypted) + ": damaged: it is not there");
  }
}

void require_same(const repository::HashSource& stored, const PackRecord& record,
                  const std::string& where) {
  if (stored.bytes() == record.stored_bytes && stored.sha256() == record.sha256) return;
  throw Error(ErrorCode::bad_data,
              where + ": damaged: its SHA-256 is another than that of the backup");
}

}  // namespace

/// What is stored, decrypted; checked once all of it was read.
class PackReader::Stored {
 public:
  Stored(Repository& repository, const PackRecord& record, bool encrypted,
         const ReaderOptions& options, const Cancel& cancel)
      : record_(record),
        where_(place_of(repository, record.id, encrypted)),
        object_(open_pack(repository, record.id, encrypted)),
        hashed_(*object_) {
    if (!encrypted) return;
    if (options.identity_file.empty()) {
      throw Error(ErrorCode::configuration, where_ + ": encrypted, and no identity opens it",
                  "name a file with one in backup.identity_file (PRISMCTL_BACKUP_IDENTITY_FILE)");
    }
    decrypted_ = std::make_unique<repository::AgeSource>(hashed_, options.identity_file, cancel);
  }

  /// Less than `bytes` only at the end.
  std::size_t read(char* into, std::size_t bytes) {
    std::size_t got = 0;
    while (got < bytes) {
      const std::span<char> rest(into + got, bytes - got);
      const std::size_t size = decrypted_ ? decrypted_->read(rest) : hashed_.read(rest);
      if (size == 0) break;
      got += size;
    }
    return got;
  }

  void finish() {
    std::array<char, kPiece> rest{};
    const bool more = read(rest.data(), rest.size()) > 0;
    while (hashed_.read(rest) > 0) continue;
    require_same(hashed_, record_, where_);
    if (more) throw Error(ErrorCode::bad_data, where_ + ": damaged: it goes on behind its frames");
  }

 private:
  const PackRecord& record_;
  std::string where_;
  std::unique_ptr<ByteSource> object_;
  repository::HashSource hashed_;
  std::unique_ptr<repository::AgeSource> decrypted_;
};

void PackReader::Free::operator()(ZSTD_DCtx_s* context) const { ZSTD_freeDCtx(context); }

PackReader::PackReader(Repository& repository, const PackRecord& record, const PackIndex& index,
                       const ReaderOptions& options, const Cancel& cancel)
    : index_(index),
      where_(place_of(repository, record.id, index.encrypted)),
      stored_(std::make_unique<Stored>(repository, record, index.encrypted, options, cancel)),
      context_(ZSTD_createDCtx()) {
  if (!context_) throw std::bad_alloc();
  if (options.key && options.key->id() == index.key_id) {
    hasher_ = std::make_unique<BlockHasher>(*options.key);
  }
}

PackReader::~PackReader() = default;

void PackReader::fail(const std::string& why) const {
  throw Error(ErrorCode::bad_data, where_ + ": damaged: " + why);
}

/// Into blocks_.
void PackReader::open_frame(const PackFrame& frame, std::uint32_t first) {
  std::size_t bytes = 0;
  for (std::uint32_t i = 0; i < frame.blocks; ++i) bytes += index_.lengths[first + i];
  blocks_.resize(bytes);
  const std::size_t size = ZSTD_decompressDCtx(context_.get(), blocks_.data(), blocks_.size(),
                                               compressed_.data(), compressed_.size());
  if (ZSTD_isError(size) != 0) fail(ZSTD_getErrorName(size));
  if (size != bytes) fail("a frame is too short");
}

void PackReader::read(const std::function<bool(std::uint32_t, std::uint32_t)>& wants_frame,
                      const std::function<bool(std::uint32_t)>& wants,
                      const std::function<void(std::uint32_t, std::string_view)>& take) {
  std::uint32_t first = 0;
  for (const PackFrame& frame : index_.frames) {
    if (frame.stored_bytes > ZSTD_compressBound(kFrameBlocks * kBlockBytes)) {
      fail("a frame is too large");
    }
    compressed_.resize(frame.stored_bytes);
    if (stored_->read(compressed_.data(), compressed_.size()) < compressed_.size()) {
      stored_->finish();
      fail("it ends too early");
    }
    if (wants_frame(first, frame.blocks)) {
      open_frame(frame, first);
      std::size_t at = 0;
      for (std::uint32_t i = first; i < first + frame.blocks; ++i) {
        const std::string_view block(blocks_.data() + at, index_.lengths[i]);
        at += block.size();
        if (!wants(i)) continue;
        if (hasher_ && hasher_->hash(block) != index_.hashes[i]) fail("a block has another hash");
        take(i, block);
      }
    }
    first += frame.blocks;
  }
  stored_->finish();
}

void check_stored_pack(Repository& repository, const PackRecord& record, bool encrypted) {
  const auto object = open_pack(repository, record.id, encrypted);
  repository::HashSource hashed(*object);
  std::array<char, kPiece> block{};
  while (hashed.read(block) > 0) continue;
  require_same(hashed, record, place_of(repository, record.id, encrypted));
}

}  // namespace prism::blocks
