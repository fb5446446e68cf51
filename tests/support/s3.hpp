#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <prism/drivers/s3/client.hpp>
#include <prism/drivers/s3/repository.hpp>

#include "support/quiet.hpp"

namespace prism::test {

/// With the keys of MinIO (PRISM_TEST_S3), asked at an endpoint: its own, or one on the way to it.
s3::ClientOptions minio_options(const std::string& endpoint = {});

/// A place in a bucket of MinIO where nothing is yet.
std::string new_s3_url();

/// HOST:PORT of MinIO.
std::string minio_host();

/// A client of such a place, and a repository in it.
class S3Place {
 public:
  explicit S3Place(const s3::ClientOptions& options = minio_options(),
                   const std::string& url = new_s3_url())
      : client(s3::parse_address(url, options.settings), options, quiet.log(), quiet.cancel()),
        repository(url, options, quiet.log(), quiet.cancel()) {}

  /// The key of an object of the repository.
  std::string key(const std::string& name) const { return client.address().key(name); }

  Quiet quiet;
  s3::Client client;
  s3::S3Repository repository;
};

constexpr std::size_t kMiB = std::size_t{1} << 20;

/// The same every time, of which no piece is like another.
std::string many_bytes(std::size_t size, std::uint64_t state = 1);

/// Writes an object as a whole.
void put(repository::Repository& repository, const std::string& name, std::string_view content);

/// How many have been begun there, and not ended.
std::size_t uploads_in(S3Place& place);

}  // namespace prism::test
