#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <prism/base/export.hpp>
#include <prism/drivers/s3/request.hpp>

namespace prism::s3 {

/// With whose key, and for where.
struct Signer {
  std::string access_key;
  std::string secret_key;
  std::string region;
};

/// What is signed of a request: AWS Signature Version 4, one chunk, in the header.
struct SignedRequest {
  std::string method;
  std::string path;    ///< as it is sent, encoded
  std::string query;   ///< as query_text() makes it
  Parameters headers;  ///< all that are to be signed, `host` and `x-amz-content-sha256` among them
};

/// `20261121T101500Z`: what the header `x-amz-date` says, which must be among the signed ones.
PRISM_API std::string signature_time(std::chrono::system_clock::time_point time);

/// Signs requests. Several threads may call.
class PRISM_API RequestSigner {
 public:
  explicit RequestSigner(Signer signer) : signer_(std::move(signer)) {}

  /// The value of the header `Authorization`. libcurl has the same, but sorts headers whose names
  /// begin alike in another order than servers do (before 8.10), and can't sign an empty one.
  /// Source: "Signature Calculations for the Authorization Header", Amazon S3 API Reference.
  std::string authorization(const SignedRequest& request);

 private:
  std::string key_of(const std::string& date);

  const Signer signer_;
  std::mutex mutex_;
  std::string date_;  ///< of the key: `20261121`
  std::string key_;   ///< kept, for it takes four HMACs and serves a whole day
};

}  // namespace prism::s3
