#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <prism/drivers/s3/component.hpp>

#include "support/bucket.hpp"
#include "support/http_server.hpp"

namespace prism::test {

/// A bucket `bucket` in memory behind an HTTP server: it takes keys that MinIO's file system can't
/// hold, and can be told to answer otherwise. Knows one upload in parts at a time.
class FakeS3 {
 public:
  /// What is to be answered instead; empty: the answer as it should be.
  using Fault = std::function<std::string(const HttpRequest& request, const std::string& key)>;

  explicit FakeS3(Fault fault = {});

  s3::ClientOptions options() const;
  std::unique_ptr<backup::Component> open(bool exact = false);
  std::string url() const { return server_->url(); }
  std::vector<HttpRequest> requests() const { return server_->requests(); }

  std::map<std::string, SeenObject> objects;  ///< not while it is asked
  bool is_there = true;
  std::size_t page_size = 1000;
  Quiet quiet;

 private:
  std::string answer(const HttpRequest& request);
  std::string list(const std::string& prefix, const std::string& token) const;
  std::string get(const HttpRequest& request, const std::string& key) const;
  std::string put(const HttpRequest& request, const std::string& key);
  std::string post(const HttpRequest& request, const std::string& key, bool begins);

  Fault fault_;
  SeenObject upload_;
  std::map<std::size_t, std::string> parts_;
  std::unique_ptr<HttpServer> server_;
};

/// An answer of S3 that is no success.
std::string s3_error(int status, const std::string& code);

/// Of an object, to be told apart from others.
std::string etag_of(const SeenObject& object);

}  // namespace prism::test
