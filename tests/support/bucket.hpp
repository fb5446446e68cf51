#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <prism/drivers/s3/attributes.hpp>
#include <prism/drivers/s3/component.hpp>

#include "support/s3.hpp"

namespace prism::test {

/// An object as a client sees it.
struct SeenObject {
  std::string bytes;
  s3::Attributes attributes;

  bool operator==(const SeenObject&) const = default;
};

/// A bucket of MinIO (PRISM_TEST_S3) for one test case, gone afterwards.
class Bucket {
 public:
  /// `prefix` is that of what open() gives; the bucket is made unless told otherwise.
  explicit Bucket(const std::string& prefix = {}, bool is_made = true);
  ~Bucket();
  Bucket(const Bucket&) = delete;
  Bucket& operator=(const Bucket&) = delete;

  const std::string& name() const { return name_; }
  /// `s3://NAME`
  std::string url() const { return "s3://" + name_; }
  s3::Client& client() { return place_.client; }

  /// The target, at MinIO or by an endpoint on the way to it.
  std::unique_ptr<backup::Component> open(bool exact = false, const std::string& repository = {},
                                          const std::string& endpoint = {});

  void put(const std::string& key, std::string_view bytes, const s3::Parameters& headers = {});
  /// Many at once, without attributes.
  void put_many(std::size_t count, const std::function<std::string(std::size_t)>& key,
                const std::function<std::string(std::size_t)>& bytes);
  void remove(const std::string& key);
  /// With all objects.
  void remove();
  SeenObject object(const std::string& key);
  std::map<std::string, SeenObject> objects();
  /// All of it, in one line for each object.
  std::string state();

  Quiet quiet;

 private:
  std::string name_;
  std::string prefix_;
  S3Place place_;
};

/// Keys that make trouble in files' names, and that MinIO takes all together.
std::vector<std::string> odd_keys();

}  // namespace prism::test
