#include <prism/base/sha256.hpp>
#include <prism/drivers/s3/comparison.hpp>
#include <prism/drivers/s3/source.hpp>

namespace prism::s3 {
namespace {

constexpr const char* kMissing = "not there";

std::string text_of(const Attributes& attributes) {
  std::string text;
  for (const auto& [name, value] : headers_of(attributes)) text += name + ": " + value + "; ";
  return text;
}

std::string sha256_of(ByteSource& source) {
  Sha256 hash;
  std::vector<char> block(std::size_t{1} << 20);
  while (const std::size_t size = source.read(block)) hash.add({block.data(), size});
  return hash.hex();
}

}  // namespace

void Comparison::compare(ObjectTarReader& tar) {
  Budget budget(kMemory);
  TaskPool pool(kRequests);
  while (auto object = tar.next()) {
    cancel_.check();
    if (object->size > ObjectSource::kPieceSize) {
      compare_large(tar, *object);
      continue;
    }
    auto share = budget.take(object->size);
    std::string bytes = read_content(tar, *object);
    if (tar.is_taken_back()) continue;
    pool.run([this, share = std::move(share), object = std::move(*object),
              bytes = std::move(bytes)] { compare_small(object, bytes); });
  }
  pool.finish();
}

void Comparison::compare_small(const TarObject& object, const std::string& bytes) {
  const auto found = read_whole(client_, scope_.key_of(object.key), object.size);
  const bool is_there = found && found->bytes;
  note("content of " + object.key, sha256_hex(bytes),
       is_there ? sha256_hex(*found->bytes) : kMissing);
  note("metadata and tags of " + object.key, text_of(object.attributes),
       is_there ? text_of(found->attributes) : kMissing);
}

void Comparison::compare_large(ObjectTarReader& tar, const TarObject& object) {
  Sha256 stored;
  for (auto piece = tar.content(); !piece.empty(); piece = tar.content()) stored.add(piece);
  if (tar.is_taken_back()) return;
  const std::string key = scope_.key_of(object.key);
  std::string content = kMissing, attributes = kMissing;
  try {
    Piece first = get_piece(client_, key, 0, ObjectSource::kPieceSize);
    attributes = text_of(read_attributes(client_, key, first.headers));
    ObjectSource source(client_, key, std::move(first));
    content = sha256_of(source);
  } catch (const Failure& failure) {
    if (!is_gone(failure)) throw;
  }
  note("content of " + object.key, stored.hex(), content);
  note("metadata and tags of " + object.key, text_of(object.attributes), attributes);
}

void Comparison::note(const std::string& what, std::string expected, std::string found) {
  constexpr std::size_t kShown = 20;
  const std::lock_guard lock(mutex_);
  ++compared_;
  if (expected == found) return;
  ++differences_;
  if (different_.size() < kShown) {
    different_.push_back({what, std::move(expected), std::move(found)});
  }
}

std::vector<backup::Check> Comparison::checks() const {
  const std::lock_guard lock(mutex_);
  std::vector<backup::Check> checks = different_;
  checks.push_back({"SHA-256 of contents, metadata and tags that are as stored",
                    std::to_string(compared_), std::to_string(compared_ - differences_)});
  return checks;
}

}  // namespace prism::s3
