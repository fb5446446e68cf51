#include <algorithm>
#include <iterator>

#include <prism/base/error.hpp>
#include <prism/drivers/s3/listing.hpp>

namespace prism::s3 {
namespace {

/// A server that names the same page again would never come to an end.
void require_news(const Client& client, const std::string& next, const std::string& before) {
  if (next == before) throw nonsense(client.address().text(), "a list that goes on for ever");
}

}  // namespace

void each_page(Client& client, const std::string& prefix, const TakeObjects& take,
               unsigned page_size) {
  for (std::string token;;) {
    Request request{.query = {{"list-type", "2"},
                              {"prefix", prefix},
                              {"encoding-type", "url"},
                              {"max-keys", std::to_string(page_size)}}};
    if (!token.empty()) request.query.emplace_back("continuation-token", token);
    ObjectPage page = read_object_page(client.send(request).body);
    take(page.objects);
    if (page.next.empty()) return;
    require_news(client, page.next, token);
    token = std::move(page.next);
  }
}

std::vector<ListedObject> list_objects(Client& client, const std::string& prefix,
                                       unsigned page_size) {
  std::vector<ListedObject> objects;
  each_page(
      client, prefix,
      [&](std::vector<ListedObject>& page) {
        std::move(page.begin(), page.end(), std::back_inserter(objects));
      },
      page_size);
  return objects;
}

/// MinIO takes a prefix for the name of one object, so that all uploads are asked for.
std::vector<Upload> list_uploads(Client& client, const std::string& prefix, unsigned page_size) {
  std::vector<Upload> uploads;
  for (std::string key, id;;) {
    Request request{.query = {{"uploads", ""},
                              {"encoding-type", "url"},
                              {"max-uploads", std::to_string(page_size)}}};
    if (!key.empty()) request.query.emplace_back("key-marker", key);
    if (!id.empty()) request.query.emplace_back("upload-id-marker", id);
    UploadPage page = read_upload_page(client.send(request).body);
    std::copy_if(page.uploads.begin(), page.uploads.end(), std::back_inserter(uploads),
                 [&](const Upload& upload) { return upload.key.starts_with(prefix); });
    if (page.next_key.empty()) return uploads;
    require_news(client, page.next_key + " " + page.next_id, key + " " + id);
    key = std::move(page.next_key);
    id = std::move(page.next_id);
  }
}

std::chrono::system_clock::time_point last_change(Client& client, const Upload& upload) {
  auto last = upload.begun;
  for (std::string marker;;) {
    Request request{.key = upload.key, .query = {{"uploadId", upload.id}}};
    if (!marker.empty()) request.query.emplace_back("part-number-marker", marker);
    const PartPage page = read_part_page(client.send(request).body);
    last = std::max(last, page.newest);
    if (page.next.empty()) return last;
    require_news(client, page.next, marker);
    marker = page.next;
  }
}

}  // namespace prism::s3
