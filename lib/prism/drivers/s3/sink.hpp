#pragma once

#include <optional>
#include <string>

#include <prism/base/stream.hpp>
#include <prism/drivers/s3/multipart.hpp>

namespace prism::s3 {

/// Writes a new object: in one request up to 8 MiB, else in parts. Holds at most three of them.
class ObjectSink : public ByteSink {
 public:
  ObjectSink(Client& client, std::string key);

  void write(std::string_view bytes) override;
  void finish() override;

 private:
  void send_part();

  Client& client_;
  std::string key_;
  std::string writer_;
  std::string part_;  ///< that is being filled
  std::optional<MultipartUpload> upload_;
};

}  // namespace prism::s3
