#include <prism/base/error.hpp>
#include <prism/drivers/s3/large_restore.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/restorer.hpp>

namespace prism::s3 {

std::string read_content(ObjectTarReader& tar, const TarObject& object) {
  std::string bytes;
  bytes.reserve(std::min<std::uint64_t>(object.size, ObjectSource::kPieceSize));
  for (auto piece = tar.content(); !piece.empty(); piece = tar.content()) bytes += piece;
  return bytes;
}

Tally Restorer::restore(ObjectTarReader& tar) {
  list_what_is_there();
  Tally tally;
  while (auto object = tar.next()) {
    cancel_.check();
    const std::uint64_t size = object->size;
    std::string name = object->key;
    if (!put_back(tar, std::move(*object))) continue;
    names_.add(name);
    tally.add(size);
  }
  pool_.finish();
  names_.close();
  return tally;
}

void Restorer::list_what_is_there() {
  each_page(client_, scope_.prefix(), [this](const std::vector<ListedObject>& page) {
    cancel_.check();
    for (const ListedObject& listed : page) there_.add(listed.key);
  });
  there_.close();
}

/// False for one that the archive takes back.
bool Restorer::put_back(ObjectTarReader& tar, TarObject object) {
  if (object.size > ObjectSource::kPieceSize) return put_back_large(tar, std::move(object));
  auto share = budget_.take(object.size);
  std::string bytes = read_content(tar, object);
  if (tar.is_taken_back()) return false;
  pool_.run([this, share = std::move(share), object = std::move(object), bytes = std::move(bytes)] {
    put_back_small(object, bytes);
  });
  return true;
}

bool Restorer::put_back_large(ObjectTarReader& tar, TarObject object) {
  const std::string key = scope_.restorable_key_of(object.key);
  for (const Upload& upload : leftovers_) {
    if (upload.key == key) abort_upload(client_, key, upload.id);
  }
  LargeRestore large(client_, key, std::move(object), there_.contains(key));
  for (auto piece = tar.content(); !piece.empty(); piece = tar.content()) large.write(piece);
  if (tar.is_taken_back()) return false;
  large.complete();
  return true;
}

void Restorer::put_back_small(const TarObject& object, const std::string& bytes) {
  const std::string key = scope_.restorable_key_of(object.key);
  if (there_.contains(key)) {
    const auto found = read_whole(client_, key, object.size);
    if (found && found->bytes == bytes && found->attributes == object.attributes) return;
  }
  client_.send(
      {.method = "PUT", .key = key, .headers = headers_of(object.attributes), .body = bytes});
}

}  // namespace prism::s3
