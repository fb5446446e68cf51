#include "support/s3.hpp"

#include <prism/drivers/s3/listing.hpp>
#include <prism/drivers/s3/objects.hpp>

#include "support/services.hpp"

namespace prism::test {

s3::ClientOptions minio_options(const std::string& endpoint) {
  s3::ClientOptions options;
  options.settings.endpoint = endpoint.empty() ? service("PRISM_TEST_S3").value() : endpoint;
  options.settings.access_key = service("PRISM_TEST_S3_ACCESS_KEY").value();
  options.settings.secret_key = service("PRISM_TEST_S3_SECRET_KEY").value();
  return options;
}

std::string new_s3_url() {
  return "s3://" + service("PRISM_TEST_S3_BUCKET").value() + "/test/" + s3::random_writer();
}

std::string minio_host() {
  const std::string url = service("PRISM_TEST_S3").value();
  return url.substr(url.find("//") + 2);
}

std::string many_bytes(std::size_t size, std::uint64_t state) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(state >> 56);
  }
  return bytes;
}

void put(repository::Repository& repository, const std::string& name, std::string_view content) {
  const auto sink = repository.create(name);
  sink->write(content);
  sink->finish();
}

std::size_t uploads_in(S3Place& place) {
  return s3::list_uploads(place.client, place.key("")).size();
}

}  // namespace prism::test
