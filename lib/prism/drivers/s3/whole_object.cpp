#include <prism/base/error.hpp>
#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/source.hpp>
#include <prism/drivers/s3/whole_object.hpp>

namespace prism::s3 {
namespace {

WholeObject read_now(Client& client, const std::string& key) {
  Piece piece = get_object(client, key, ObjectSource::kPieceSize);
  if (piece.object_size > ObjectSource::kPieceSize) return {piece.object_size, {}, {}};
  return {piece.object_size, std::move(piece.bytes), read_attributes(client, key, piece.headers)};
}

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
  if (size > ObjectSource::kPieceSize) return WholeObject{size, {}, {}};
  for (int i = 0; i < kTries; ++i) {
    try {
      return read_now(client, key);
    } catch (const Failure& failure) {
      if (is_gone(failure)) return std::nullopt;
      if (!is_changed(failure)) throw;
    }
  }
  fail_restless(client, key);
}

}  // namespace prism::s3
