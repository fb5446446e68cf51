#pragma once

#include <functional>
#include <string>
#include <vector>

#include <prism/drivers/s3/answers.hpp>
#include <prism/drivers/s3/client.hpp>

namespace prism::s3 {

/// As many as a server gives at once.
constexpr unsigned kPageSize = 1000;

/// Takes a part of a list.
using TakeObjects = std::function<void(std::vector<ListedObject>& objects)>;

/// Lists the objects whose keys begin so, page by page: by key, as far as the server is one that
/// sorts them.
PRISM_API void each_page(Client& client, const std::string& prefix, const TakeObjects& take,
                         unsigned page_size = kPageSize);

/// All objects whose keys begin so.
PRISM_API std::vector<ListedObject> list_objects(Client& client, const std::string& prefix,
                                                 unsigned page_size = kPageSize);

/// The multipart uploads that were begun and not ended, whose keys begin so. MinIO tells only of
/// those that were begun since it was started, and removes others after a day itself.
PRISM_API std::vector<Upload> list_uploads(Client& client, const std::string& prefix,
                                           unsigned page_size = kPageSize);

/// When the last part of an upload came, or it was begun.
PRISM_API std::chrono::system_clock::time_point last_change(Client& client, const Upload& upload);

}  // namespace prism::s3
