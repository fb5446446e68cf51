#include "support/bucket.hpp"

#include <mutex>

#include <prism/base/parallel.hpp>
#include <prism/base/sha256.hpp>
#include <prism/drivers/s3/bucket.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/object_tar_writer.hpp>
#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/whole_object.hpp>

#include "support/memory_artifacts.hpp"

namespace prism::test {
namespace {

constexpr std::size_t kThreads = 8;

std::string new_name() { return "prism-" + s3::random_writer(); }

std::string content_of(s3::Client& client, const std::string& key, std::uint64_t size) {
  constexpr std::size_t kPiece = std::size_t{8} << 20;
  std::string bytes;
  while (bytes.size() < size) bytes += s3::get_piece(client, key, bytes.size(), kPiece).bytes;
  return bytes;
}

}  // namespace

Bucket::Bucket(const std::string& prefix, bool is_made)
    : name_(new_name()), prefix_(prefix), place_(minio_options(), "s3://" + name_) {
  if (is_made) s3::make_bucket(client());
}

Bucket::~Bucket() {
  try {
    remove();
  } catch (const std::exception&) {
    // The server goes with all that it has.
  }
}

std::unique_ptr<backup::Component> Bucket::open(bool exact, const std::string& repository,
                                                const std::string& endpoint) {
  auto options = minio_options(endpoint);
  return s3::open_component({.url = url() + (prefix_.empty() ? "" : "/" + prefix_),
                             .client = options,
                             .repository = repository,
                             .exact = exact},
                            quiet.log(), quiet.cancel());
}

void Bucket::put(const std::string& key, std::string_view bytes, const s3::Parameters& headers) {
  client().send({.method = "PUT", .key = key, .headers = headers, .body = bytes});
}

/// MinIO unpacks a tar archive that is put with this header.
void Bucket::put_many(std::size_t count, const std::function<std::string(std::size_t)>& key,
                      const std::function<std::string(std::size_t)>& bytes) {
  MemoryArtifacts archive;
  const auto sink = archive.create("tar");
  s3::ObjectTarWriter tar(*sink);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string content = bytes(i);
    tar.begin({key(i), content.size(), {}}, key(i), {});
    tar.write(content);
  }
  tar.close();
  put("archive.tar", archive.content.at("tar"), {{"x-amz-meta-snowball-auto-extract", "true"}});
}

void Bucket::remove(const std::string& key) { s3::remove_object(client(), key); }

/// MinIO does it at once, with versions and uploads.
void Bucket::remove() {
  if (!s3::server_of_bucket(client())) return;
  client().send({.method = "DELETE", .headers = {{"x-minio-force-delete", "true"}}});
}

SeenObject Bucket::object(const std::string& key) {
  const auto answer = s3::head(client(), key).value();
  return {content_of(client(), key, std::stoull(answer.header("content-length"))),
          s3::read_attributes(client(), key, answer.headers)};
}

std::map<std::string, SeenObject> Bucket::objects() {
  if (!s3::server_of_bucket(client())) return {};
  const auto all = s3::list_objects(client(), "");
  std::map<std::string, SeenObject> objects;
  std::mutex mutex;
  run_parallel(all.size(), kThreads, [&](std::size_t i) {
    SeenObject seen = object(all[i].key);
    const std::lock_guard lock(mutex);
    objects.emplace(all[i].key, std::move(seen));
  });
  return objects;
}

std::string Bucket::state() {
  std::string state;
  for (const auto& [key, object] : objects()) {
    state += key + " " + std::to_string(object.bytes.size()) + " " + sha256_hex(object.bytes);
    for (const auto& [name, value] : headers_of(object.attributes))
      state += " " + name + "=" + value;
    state += "\n";
  }
  return state;
}

std::vector<std::string> odd_keys() {
  return {"plain",
          "a b.csv",
          "ä/ö ü.txt",
          "with+plus",
          "100%25",
          "q?a=b&c#d",
          "semi;colon='x\"",
          "back\\slash",
          "folder/",
          "deep/er/and/deeper",
          "tab\tand\x01"
          "control",
          "new\nline",
          ".hidden",
          "trailing blank ",
          "…",
          std::string(200, 'k') + "/" + std::string(200, 'l')};
}

}  // namespace prism::test
