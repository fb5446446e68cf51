#pragma once

#include <memory>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/drivers/s3/client.hpp>
#include <prism/repository/repository.hpp>

namespace prism::s3 {

/// Objects are objects of a bucket, which must be there, below a prefix. An object of more than
/// 8 MiB is sent in parts; the upload stays behind when the process is killed, until
/// remove_leftovers(). Of two writers of one name the server lets one through (If-None-Match); a
/// server that can't is asked before, and then the last of two that come at once is kept.
class PRISM_API S3Repository : public repository::Repository {
 public:
  /// Asks nothing yet. `log` and `cancel` must outlive this.
  S3Repository(const std::string& url, ClientOptions options, Log& log, const Cancel& cancel);

  std::string location() const override { return client_.address().text(); }
  std::unique_ptr<ByteSink> create(const std::string& name) override;
  std::unique_ptr<ByteSource> open(const std::string& name) override;
  std::vector<repository::Object> list(const std::string& prefix) override;
  void remove(const std::string& name) override;
  void remove_leftovers(std::chrono::system_clock::time_point before) override;

 private:
  Client client_;
};

}  // namespace prism::s3
