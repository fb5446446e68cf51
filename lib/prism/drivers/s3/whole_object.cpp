#include <charconv>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/source.hpp>
#include <prism/drivers/s3/whole_object.hpp>

namespace prism::s3 {
namespace {

std::uint64_t length_in(const Answer& answer) {
  const std::string text = answer.header("content-length");
  std::uint64_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

/// Reads one, or learns another size of it.
class Reader {
 public:
  Reader(Client& client, const std::string& key, std::uint64_t size)
      : client_(client), key_(key), size_(size) {}

  std::optional<WholeObject> read() {
    for (int i = 0; i < kTries; ++i) {
      try {
        if (auto object = try_once()) return object;
      } catch (const Failure& failure) {
        if (is_gone(failure)) return std::nullopt;
        if (!is_changed(failure)) throw;
        size_ = 0;  // the head tells which it is now
      }
    }
    fail_restless(client_, key_);
  }

 private:
  std::optional<WholeObject> try_once() {
    if (size_ == 0) return ask_head();
    if (size_ > ObjectSource::kPieceSize) return WholeObject{size_, {}, {}};
    Piece piece = get_piece(client_, key_, 0, static_cast<std::size_t>(size_));
    const std::uint64_t expected = std::exchange(size_, piece.object_size);
    if (piece.object_size != expected) return std::nullopt;
    return WholeObject{size_, std::move(piece.bytes),
                       read_attributes(client_, key_, piece.headers)};
  }

  /// Of an empty one it is all there is.
  std::optional<WholeObject> ask_head() {
    const Answer answer = client_.send({.method = "HEAD", .key = key_});
    size_ = length_in(answer);
    if (size_ > 0) return std::nullopt;
    return WholeObject{0, "", read_attributes(client_, key_, answer.headers)};
  }

  Client& client_;
  const std::string& key_;
  std::uint64_t size_;
};

}  // namespace

Attributes read_attributes(Client& client, const std::string& key, const Headers& answered) {
  Attributes attributes;
  for (const auto& [name, value] : answered) {
    if (is_attribute(name)) attributes.headers.emplace(name, value);
  }
  const auto count = answered.find("x-amz-tagging-count");
  if (count == answered.end() || count->second == "0") return attributes;
  attributes.tags =
      query_text(read_tags(client.send({.key = key, .query = {{"tagging", ""}}}).body));
  return attributes;
}

bool is_gone(const Failure& failure) {
  constexpr int kMissing = 404;
  return failure.status() == kMissing && failure.s3_code() != "NoSuchBucket";
}

bool is_changed(const Failure& failure) {
  constexpr int kFailedCondition = 412;
  return failure.status() == kFailedCondition;
}

void fail_restless(const Client& client, const std::string& key) {
  throw Error(
      ErrorCode::unavailable,
      "s3://" + client.address().bucket + "/" + key + ": was replaced each time while it was read",
      "stop what writes it, for example with the target's `before`");
}

std::optional<WholeObject> read_whole(Client& client, const std::string& key, std::uint64_t size) {
  return Reader(client, key, size).read();
}

}  // namespace prism::s3
