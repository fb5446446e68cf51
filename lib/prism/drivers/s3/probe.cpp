#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/s3/bucket.hpp>
#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/objects.hpp>
#include <prism/drivers/s3/probe.hpp>

namespace prism::s3 {
namespace {

class S3Probe : public health::Probe {
 public:
  S3Probe(ProbeOptions options, Log& log, const Cancel& cancel)
      : options_(std::move(options)),
        address_(parse_address(options_.url, options_.settings)),
        log_(log),
        cancel_(cancel) {}

  health::Reading look(health::Depth depth) override {
    Client client(address_, {options_.settings}, log_, cancel_);
    const auto server = server_of_bucket(client);
    if (!server) {
      throw Error(ErrorCode::unavailable, address_.text() + ": there is no such bucket");
    }
    health::Reading reading{.version = *server};
    reading.notes.push_back("bucket " + address_.bucket);
    if (depth == health::Depth::deep) {
      add_objects(reading, client);
      test_write(reading, client);
    }
    return reading;
  }

 private:
  void add_objects(health::Reading& reading, Client& client) const {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    each_page(client, address_.key(""), [&](std::vector<ListedObject>& objects) {
      cancel_.check();
      count += objects.size();
      for (const ListedObject& object : objects) bytes += object.size;
    });
    reading.metrics.push_back({"objects", static_cast<double>(count), "", {}, false, {}, {}});
    reading.metrics.push_back({"object_bytes", static_cast<double>(bytes), "B", {}, false, {}, {}});
    reading.notes.push_back(with_separators(count) + " objects, " + format_bytes(bytes));
  }

  void test_write(health::Reading& reading, Client& client) const {
    const std::string writer = random_writer();
    const std::string key = address_.key(".prismctl-status-" + writer);
    put_new(client, key, "prismctl status --deep", writer);
    remove_object(client, key);
    reading.notes.emplace_back("can be written to");
  }

  ProbeOptions options_;
  Address address_;
  Log& log_;
  const Cancel& cancel_;
};

}  // namespace

std::unique_ptr<health::Probe> open_probe(ProbeOptions options, Log& log, const Cancel& cancel) {
  return std::make_unique<S3Probe>(std::move(options), log, cancel);
}

}  // namespace prism::s3
