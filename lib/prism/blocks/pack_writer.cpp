#include <algorithm>

#include <prism/base/random.hpp>
#include <prism/base/sha256.hpp>
#include <prism/blocks/pack_writer.hpp>

namespace prism::blocks {
namespace {

std::string new_id() {
  std::string id = random_uuid();
  id.erase(std::remove(id.begin(), id.end(), '-'), id.end());
  return id;
}

}  // namespace

PackWriter::PackWriter(repository::Repository& repository, std::string key_id,
                       const WriteOptions& options, const Cancel& cancel)
    : repository_(repository), options_(options), cancel_(cancel) {
  index_.key_id = std::move(key_id);
  index_.encrypted = !options.recipients.empty();
}

void PackWriter::begin() {
  id_ = new_id();
  object_ = repository_.create(pack_object(id_, index_.encrypted));
  hashed_ = std::make_unique<repository::HashSink>(*object_);
  if (index_.encrypted) {
    encrypted_ = std::make_unique<repository::AgeSink>(*hashed_, options_.recipients, cancel_);
  }
}

Extent PackWriter::add(std::string_view frame, const FrameBlocks& blocks) {
  if (!id_.empty() && size_ + frame.size() > options_.pack_bytes) end();
  if (id_.empty()) begin();
  const Extent place{static_cast<std::uint32_t>(packs_.size()),
                     static_cast<std::uint32_t>(index_.hashes.size()),
                     static_cast<std::uint32_t>(blocks.hashes.size())};
  if (encrypted_) {
    encrypted_->write(frame);
  } else {
    hashed_->write(frame);
  }
  size_ += frame.size();
  index_.frames.push_back({static_cast<std::uint32_t>(frame.size()), place.count});
  index_.lengths.insert(index_.lengths.end(), blocks.lengths.begin(), blocks.lengths.end());
  index_.hashes.insert(index_.hashes.end(), blocks.hashes.begin(), blocks.hashes.end());
  return place;
}

/// The index follows the pack: one that is there has its pack.
void PackWriter::end() {
  if (encrypted_) {
    encrypted_->finish();
  } else {
    hashed_->finish();
  }
  index_.sha256 = hashed_->sha256();
  index_.stored_bytes = hashed_->bytes();
  const std::string bytes = to_bytes(index_);
  const auto sink = repository_.create(index_object(id_));
  sink->write(bytes);
  sink->finish();
  packs_.push_back({id_, index_.stored_bytes, index_.sha256, sha256_hex(bytes)});
  stored_bytes_ += index_.stored_bytes + bytes.size();
  encrypted_.reset();
  hashed_.reset();
  object_.reset();
  id_.clear();
  size_ = 0;
  index_.frames.clear();
  index_.lengths.clear();
  index_.hashes.clear();
}

void PackWriter::finish() {
  if (!id_.empty()) end();
}

}  // namespace prism::blocks
