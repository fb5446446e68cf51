#include <algorithm>

#include <prism/drivers/s3/source.hpp>

namespace prism::s3 {

ObjectSource::ObjectSource(Client& client, std::string key)
    : ObjectSource(client, key, get_piece(client, key, 0, kPieceSize)) {}

ObjectSource::ObjectSource(Client& client, std::string key, Piece first)
    : client_(client), key_(std::move(key)), piece_(std::move(first)) {
  asked_for_ = piece_.bytes.size();
  ask_for_next();
}

void ObjectSource::ask_for_next() {
  if (asked_for_ >= piece_.object_size) return;
  next_ = std::async(std::launch::async, [this, offset = asked_for_, etag = piece_.etag] {
    return get_piece(client_, key_, offset, kPieceSize, etag);
  });
  asked_for_ += std::min<std::uint64_t>(kPieceSize, piece_.object_size - asked_for_);
}

std::size_t ObjectSource::read(std::span<char> into) {
  if (at_ == piece_.bytes.size() && next_.valid()) {
    piece_ = next_.get();
    at_ = 0;
    ask_for_next();
  }
  const std::size_t size = piece_.bytes.copy(into.data(), into.size(), at_);
  at_ += size;
  return size;
}

}  // namespace prism::s3
