#include <charconv>
#include <cstdint>
#include <random>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/s3/objects.hpp>

namespace prism::s3 {
namespace {

constexpr const char* kWriter = "x-amz-meta-prism-writer";
constexpr int kWhole = 200;
constexpr int kPartial = 206;
constexpr int kMissing = 404;
constexpr int kFailedCondition = 412;
constexpr int kNotSatisfiable = 416;
constexpr int kNotImplemented = 501;

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string place_of(const Client& client, const std::string& key) {
  return "s3://" + client.address().bucket + "/" + key;
}

enum class Asked : std::uint8_t { range, object };

/// Reads one piece, in as many requests as it takes.
class PieceReader {
 public:
  PieceReader(Client& client, const std::string& key, std::uint64_t offset, std::size_t size,
              const std::string& etag, Asked asked = Asked::range)
      : client_(client), key_(key), offset_(offset), size_(size), asked_(asked), retries_(client) {
    piece_.etag = etag;
  }

  Piece read() {
    while (!try_to_read()) continue;
    return std::move(piece_);
  }

 private:
  /// Whether all is there.
  bool try_to_read() {
    Answer answer;
    try {
      client_.attempt(request(), answer);
      take(answer);
      return true;
    } catch (const Failure& failure) {
      if (answer.status == kNotSatisfiable && offset_ == 0) return take_empty();
      if (is_too_large(answer)) return take_size(answer);
      const bool had_begun = !piece_.etag.empty();
      if (answer.status == kFailedCondition || (had_begun && answer.status == kMissing)) {
        fail_changed();
      }
      if (failure.status() == 0 && is_content(answer) && !answer.body.empty()) {
        take(answer);
        retries_.restart();
        if (is_whole()) return true;
      }
      retries_.wait_after(failure);
      return false;
    }
  }

  Request request() const {
    Request request{.key = key_, .limit = std::max<std::size_t>(size_, 64 * 1024)};
    if (asks_for_all()) return request;
    request.headers = {
        {"Range", fmt::format("bytes={}-{}", offset_ + piece_.bytes.size(), offset_ + size_ - 1)}};
    if (!piece_.etag.empty()) request.headers.emplace_back("If-Match", piece_.etag);
    return request;
  }

  /// Of what has come, the rest is a range.
  bool asks_for_all() const { return asked_ == Asked::object && piece_.bytes.empty(); }

  /// What can be gone on with: without its mark the rest might be another object's.
  bool is_content(const Answer& answer) const {
    if (!asks_for_all()) return answer.status == kPartial;
    return answer.status == kWhole && !answer.header("etag").empty();
  }

  bool is_too_large(const Answer& answer) const {
    return asks_for_all() && answer.status == kWhole && length_of(answer) > size_;
  }

  bool take_size(const Answer& answer) {
    piece_.object_size = length_of(answer);
    return true;
  }

  static std::uint64_t length_of(const Answer& answer) {
    return number_in(answer.header("content-length"));
  }

  void take(Answer& answer) {
    piece_.object_size = asks_for_all() ? whole_size(answer) : size_in_range(answer);
    piece_.etag = answer.header("etag");
    piece_.headers = std::move(answer.headers);
    if (piece_.bytes.empty()) {
      piece_.bytes = std::move(answer.body);
    } else {
      piece_.bytes += answer.body;
    }
  }

  std::uint64_t whole_size(const Answer& answer) const {
    if (answer.status == kWhole && !answer.header("content-length").empty()) {
      return length_of(answer);
    }
    throw nonsense(place_of(client_, key_), "an object was asked for, and none came");
  }

  std::uint64_t size_in_range(const Answer& answer) const {
    const std::string range = answer.header("content-range");
    const std::string expected = fmt::format("bytes {}-", offset_ + piece_.bytes.size());
    if (answer.status != kPartial || !range.starts_with(expected)) {
      throw nonsense(place_of(client_, key_),
                     "a part of the object was asked for, and another came");
    }
    return number_in(std::string_view(range).substr(range.find('/') + 1));
  }

  bool is_whole() const {
    return piece_.bytes.size() == size_ || offset_ + piece_.bytes.size() == piece_.object_size;
  }

  /// No byte of an empty object can be asked for.
  bool take_empty() {
    auto found = head(client_, key_);
    if (!found || found->header("content-length") != "0") fail_changed();
    piece_.etag = found->header("etag");
    piece_.headers = std::move(found->headers);
    return true;
  }

  [[noreturn]] void fail_changed() const {
    throw Failure(ErrorCode::io,
                  place_of(client_, key_) + ": was replaced or removed while it was read", "",
                  false, kFailedCondition);
  }

  Client& client_;
  const std::string& key_;
  std::uint64_t offset_;
  std::size_t size_;
  Asked asked_;
  Retries retries_;
  Piece piece_;
};

/// Some servers don't know the condition. What comes between this look and the write is lost then.
void put_unconditionally(Client& client, Request request) {
  if (head(client, request.key)) {
    throw Error(ErrorCode::refused, place_of(client, request.key) + ": is there already");
  }
  std::erase_if(request.headers,
                [](const auto& header) { return header.first == "If-None-Match"; });
  client.send(request);
}

}  // namespace

Piece get_piece(Client& client, const std::string& key, std::uint64_t offset, std::size_t size,
                const std::string& etag) {
  return PieceReader(client, key, offset, size, etag).read();
}

Piece get_object(Client& client, const std::string& key, std::size_t most) {
  Piece piece = PieceReader(client, key, 0, most, {}, Asked::object).read();
  if (piece.object_size > most) piece.bytes.clear();
  return piece;
}

std::optional<Answer> head(Client& client, const std::string& key) {
  try {
    return client.send({.method = "HEAD", .key = key});
  } catch (const Failure& failure) {
    if (failure.status() != kMissing) throw;
    return std::nullopt;
  }
}

std::string random_writer() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

Parameters writer_headers(const std::string& writer) { return {{kWriter, writer}}; }

bool is_written_by(Client& client, const std::string& key, const std::string& writer) {
  const auto found = head(client, key);
  return found && found->header(kWriter) == writer;
}

void put_new(Client& client, const std::string& key, std::string_view bytes,
             const std::string& writer) {
  Request request{.method = "PUT", .key = key, .headers = writer_headers(writer), .body = bytes};
  request.headers.emplace_back("If-None-Match", "*");
  try {
    client.send(request);
  } catch (const Failure& failure) {
    if (failure.status() == kNotImplemented) return put_unconditionally(client, request);
    if (failure.status() != kFailedCondition || !is_written_by(client, key, writer)) throw;
  }
}

void remove_object(Client& client, const std::string& key) {
  try {
    client.send({.method = "DELETE", .key = key, .cleans_up = true});
  } catch (const Failure& failure) {
    if (failure.status() != kMissing || failure.s3_code() == "NoSuchBucket") throw;
  }
}

}  // namespace prism::s3
