#include <algorithm>
#include <utility>
#include <vector>

#include <prism/base/error.hpp>
#include <prism/drivers/s3/large_restore.hpp>
#include <prism/drivers/s3/whole_object.hpp>

namespace prism::s3 {
namespace {

constexpr int kMissing = 404;

std::size_t part_size_for(std::uint64_t size) {
  constexpr std::uint64_t kMostParts = 10'000;
  constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
  const std::uint64_t least = (size / kMostParts / kMiB + 1) * kMiB;
  return static_cast<std::size_t>(std::max<std::uint64_t>(least, MultipartUpload::kPartSize));
}

/// The next bytes, fewer at the end.
std::string read_part(ByteSource& source, std::size_t size) {
  std::string part(size, '\0');
  std::size_t at = 0;
  while (at < size) {
    const std::size_t got = source.read(std::span(part).subspan(at));
    if (got == 0) break;
    at += got;
  }
  part.resize(at);
  return part;
}

}  // namespace

LargeRestore::LargeRestore(Client& client, std::string key, TarObject object, bool is_there)
    : client_(client),
      key_(std::move(key)),
      object_(std::move(object)),
      part_size_(part_size_for(object_.size)) {
  if (is_there) compare_with_what_is_there();
  if (!there_) begin_upload();
}

void LargeRestore::compare_with_what_is_there() {
  try {
    Piece first = get_piece(client_, key_, 0, ObjectSource::kPieceSize);
    if (first.object_size != object_.size) return;
    if (read_attributes(client_, key_, first.headers) != object_.attributes) return;
    etag_there_ = first.etag;
    there_.emplace(client_, key_, std::move(first));
  } catch (const Failure& failure) {
    if (!is_gone(failure) && !is_changed(failure)) throw;
  }
}

void LargeRestore::write(std::string_view bytes) {
  hash_.add(bytes);
  while (!bytes.empty()) {
    if (part_.size() == part_size_) take_part();
    if (part_.empty()) part_.reserve(part_size_);
    const auto size = std::min(bytes.size(), part_size_ - part_.size());
    part_ += bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
}

void LargeRestore::take_part() {
  if (there_ && is_same_there()) {
    same_ += part_.size();
    part_.clear();
    return;
  }
  if (!upload_) {
    there_.reset();
    begin_upload();
    send_what_was_the_same();
  }
  upload_->add(std::exchange(part_, {}));
}

bool LargeRestore::is_same_there() { return read_part(*there_, part_.size()) == part_; }

void LargeRestore::begin_upload() {
  upload_.emplace(client_, key_, headers_of(object_.attributes));
}

void LargeRestore::send_what_was_the_same() {
  for (std::uint64_t at = 0; at < same_; at += part_size_) {
    upload_->add(get_piece(client_, key_, at, part_size_, etag_there_).bytes);
  }
}

void LargeRestore::complete() {
  take_part();
  if (!upload_) return;
  try {
    upload_->complete();
  } catch (const Failure& failure) {
    if (failure.status() != kMissing) throw;
    require_ours();
  }
}

/// An earlier try may have completed it, of which the answer was lost.
void LargeRestore::require_ours() {
  ObjectSource source(client_, key_);
  Sha256 there;
  std::vector<char> block(std::size_t{1} << 20);
  while (const std::size_t size = source.read(block)) there.add({block.data(), size});
  if (there.hex() == hash_.hex()) return;
  throw Error(
      ErrorCode::io,
      "s3://" + client_.address().bucket + "/" + key_ + ": the upload was aborted by somebody else",
      "the same restore again finishes it");
}

}  // namespace prism::s3
