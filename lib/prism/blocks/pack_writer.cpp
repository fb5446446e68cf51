#include <numeric>
#include <utility>

#include <prism/base/sha256.hpp>
#include <prism/blocks/pack_writer.hpp>

namespace prism::blocks {
namespace {

/// What age puts before the first of its parts, and the key of a recipient.
constexpr std::uint64_t kAgeHead = 1024;
/// It adds 16 bytes to each 64 KiB.
constexpr std::uint64_t kAgePart = 4096;

}  // namespace

/// That is being written.
class PackWriter::Pack {
 public:
  Pack(repository::Repository& repository, const std::string& key_id, const WriteOptions& options,
       const Cancel& cancel)
      : object_(nullptr) {
    index_.pack = new_pack_id();
    index_.key_id = key_id;
    index_.encrypted = !options.recipients.empty();
    object_ = repository.create(pack_name(index_.pack, index_.encrypted));
    hash_.emplace(*object_);
    if (index_.encrypted) age_.emplace(*hash_, options.recipients, cancel);
  }

  void add(const Frame& frame) {
    sink().write(frame.bytes);
    index_.frames.push_back({static_cast<std::uint32_t>(frame.bytes.size()),
                             static_cast<std::uint16_t>(frame.lengths.size())});
    index_.lengths.insert(index_.lengths.end(), frame.lengths.begin(), frame.lengths.end());
    index_.hashes.insert(index_.hashes.end(), frame.hashes.begin(), frame.hashes.end());
    bytes_ += frame.bytes.size();
  }

  const PackIndex& finish() {
    sink().finish();
    index_.stored_bytes = hash_->bytes();
    index_.sha256 = hash_->sha256();
    return index_;
  }

  std::uint64_t bytes() const { return bytes_; }
  std::size_t blocks() const { return index_.lengths.size(); }

 private:
  ByteSink& sink() { return age_ ? static_cast<ByteSink&>(*age_) : *hash_; }

  std::unique_ptr<ByteSink> object_;
  std::optional<repository::HashSink> hash_;
  std::optional<repository::AgeSink> age_;
  PackIndex index_;
  std::uint64_t bytes_ = 0;  ///< before they are encrypted
};

PackWriter::PackWriter(repository::Repository& repository, std::string key_id,
                       const WriteOptions& options, const Cancel& cancel)
    : repository_(repository), key_id_(std::move(key_id)), options_(options), cancel_(cancel) {}

PackWriter::~PackWriter() = default;

void PackWriter::add(const Frame& frame) {
  if (pack_ && !has_room(frame)) close();
  if (!pack_) {
    pack_ = std::make_unique<Pack>(repository_, key_id_, options_, cancel_);
    packs_.push_back({new_blocks_, {}});
  }
  pack_->add(frame);
  new_blocks_ += frame.lengths.size();
  new_bytes_ = std::accumulate(frame.lengths.begin(), frame.lengths.end(), new_bytes_);
}

bool PackWriter::has_room(const Frame& frame) const {
  if (pack_->blocks() + frame.lengths.size() > kPackBlocks) return false;
  const std::uint64_t bytes = pack_->bytes() + frame.bytes.size();
  const std::size_t recipients = options_.recipients.size();
  const std::uint64_t more = recipients == 0 ? 0 : bytes / kAgePart + (1 + recipients) * kAgeHead;
  return bytes + more <= options_.pack_bytes;
}

void PackWriter::close() {
  if (!pack_) return;
  const PackIndex& index = pack_->finish();
  packs_.back().record = {index.pack, index.stored_bytes, index.sha256, write_index(index)};
  stored_bytes_ += index.stored_bytes;
  pack_.reset();
}

/// Its SHA-256.
std::string PackWriter::write_index(const PackIndex& index) {
  const std::string bytes = write_pack_index(index);
  const auto object = repository_.create(index_name(index.pack));
  object->write(bytes);
  object->finish();
  stored_bytes_ += bytes.size();
  return sha256_hex(bytes);
}

}  // namespace prism::blocks
