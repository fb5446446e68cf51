#include <prism/base/error.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/multipart.hpp>
#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/repository.hpp>
#include <prism/drivers/s3/sink.hpp>
#include <prism/drivers/s3/source.hpp>
#include <prism/repository/name.hpp>

namespace prism::s3 {

using repository::Object;
using repository::require_valid_name;
using repository::require_valid_prefix;

S3Repository::S3Repository(const std::string& url, ClientOptions options, Log& log,
                           const Cancel& cancel)
    : client_(parse_address(url, options.settings), options, log, cancel) {}

std::unique_ptr<ByteSink> S3Repository::create(const std::string& name) {
  require_valid_name(name);
  return std::make_unique<ObjectSink>(client_, client_.address().key(name));
}

std::unique_ptr<ByteSource> S3Repository::open(const std::string& name) {
  require_valid_name(name);
  return std::make_unique<ObjectSource>(client_, client_.address().key(name));
}

std::vector<Object> S3Repository::list(const std::string& prefix) {
  require_valid_prefix(prefix);
  const std::size_t own = client_.address().key("").size();
  std::vector<Object> objects;
  for (ListedObject& object : list_objects(client_, client_.address().key(prefix))) {
    std::string name = object.key.substr(own);
    // What others put there may have any name.
    if (!repository::is_valid_name(name)) continue;
    objects.push_back({std::move(name), object.size, object.modified});
  }
  return objects;
}

void S3Repository::remove(const std::string& name) {
  require_valid_name(name);
  remove_object(client_, client_.address().key(name));
}

void S3Repository::remove_leftovers(std::chrono::system_clock::time_point before) {
  for (const Upload& upload : list_uploads(client_, client_.address().key(""))) {
    try {
      if (upload.begun >= before || last_change(client_, upload) >= before) continue;
      abort_upload(client_, upload.key, upload.id);
    } catch (const Failure& failure) {
      if (failure.s3_code() != "NoSuchUpload") throw;  // ended meanwhile
    }
  }
}

}  // namespace prism::s3
