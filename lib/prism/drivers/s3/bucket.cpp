#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/drivers/s3/bucket.hpp>

namespace prism::s3 {
namespace {

constexpr int kForbidden = 403;
constexpr int kMissing = 404;

/// Amazon's first region has no name in it.
std::string configuration_of(const Address& address) {
  if (address.region == "us-east-1") return {};
  return fmt::format(
      "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
      address.region);
}

}  // namespace

std::optional<std::string> server_of_bucket(Client& client) {
  try {
    const std::string server = client.send({.method = "HEAD"}).header("server");
    return server.empty() ? "S3" : server;
  } catch (const Failure& failure) {
    if (failure.status() != kMissing) throw;
    return std::nullopt;
  }
}

void make_bucket(Client& client) {
  const std::string body = configuration_of(client.address());
  try {
    client.send({.method = "PUT", .body = body});
  } catch (const Failure& failure) {
    if (failure.s3_code() == "BucketAlreadyOwnedByYou") return;
    if (failure.status() != kForbidden) throw;
    throw Error(ErrorCode::permission,
                client.address().text() +
                    ": there is no such bucket, and it can't be made: " + failure.what(),
                "create it, or give the access key the right s3:CreateBucket");
  }
}

void remove_bucket(Client& client) {
  try {
    client.send({.method = "DELETE", .cleans_up = true});
  } catch (const Failure& failure) {
    if (failure.status() != kMissing) throw;
  }
}

}  // namespace prism::s3
