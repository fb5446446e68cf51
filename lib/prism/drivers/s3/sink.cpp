#include <algorithm>
#include <utility>

#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/sink.hpp>

namespace prism::s3 {
namespace {

constexpr std::size_t kPartSize = MultipartUpload::kPartSize;

/// A string that grows by itself takes up to twice of what it holds.
void append(std::string& part, std::string_view bytes) {
  constexpr std::size_t kSmall = std::size_t{1} << 20;
  if (part.size() + bytes.size() > kSmall) part.reserve(kPartSize);
  part += bytes;
}

}  // namespace

ObjectSink::ObjectSink(Client& client, std::string key)
    : client_(client), key_(std::move(key)), writer_(random_writer()) {}

void ObjectSink::write(std::string_view bytes) {
  while (!bytes.empty()) {
    if (part_.size() == kPartSize) send_part();
    const auto size = std::min(bytes.size(), kPartSize - part_.size());
    append(part_, bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
}

void ObjectSink::send_part() {
  if (!upload_) upload_.emplace(client_, key_, writer_headers(writer_));
  upload_->add(std::exchange(part_, {}));
}

void ObjectSink::finish() {
  if (!upload_) return put_new(client_, key_, part_, writer_);
  send_part();
  upload_->complete_new(writer_);
}

}  // namespace prism::s3
