#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/s3/scope.hpp>

namespace prism::s3 {
namespace {

/// `127.0.0.1:9000`
std::string canonical_host(const Address& address) {
  std::string host = lower_case(address.host);
  const auto bracket = host.find(']');
  auto port = host.find(':', bracket == std::string::npos ? 0 : bracket);
  if (port == std::string::npos) {
    port = host.size();
    host += address.tls ? ":443" : ":80";
  }
  const std::string name = host.substr(0, port);
  return (name == "localhost" || name == "[::1]" ? "127.0.0.1" : name) + host.substr(port);
}

bool lies_in(const std::string& prefix, const std::string& whole) {
  return whole.empty() || (prefix + "/").starts_with(whole + "/");
}

/// The repository's, where it is in a bucket of that name.
std::optional<Address> repository_in(const std::string& bucket, const std::string& repository,
                                     const config::S3Settings& settings) {
  if (config::scheme_of(repository) != "s3") return std::nullopt;
  Address address = parse_address(repository, settings);
  if (address.bucket != bucket) return std::nullopt;
  return address;
}

}  // namespace

bool is_same_server(const Address& a, const Address& b) {
  return canonical_host(a) == canonical_host(b);
}

bool overlap(const Address& a, const Address& b) {
  return a.bucket == b.bucket && is_same_server(a, b) &&
         (lies_in(a.prefix, b.prefix) || lies_in(b.prefix, a.prefix));
}

Scope::Scope(Address target, const std::string& repository, const config::S3Settings& settings)
    : target_(std::move(target)) {
  const auto address = repository_in(target_.bucket, repository, settings);
  if (!address) return;
  not_removed_ = address->key("");
  if (!is_same_server(*address, target_)) return;
  repository_ = address->key("");
  if (!lies_in(target_.prefix, address->prefix)) return;
  throw Error(ErrorCode::configuration,
              target_.text() + ": lies in the repository of the backups, " + address->text(),
              "give the repository a prefix of its own, such as s3://" + target_.bucket +
                  "/backups: a backup of the bucket leaves that out");
}

std::optional<std::string> Scope::name_of(const std::string& key) const {
  const std::string own = prefix();
  if (!key.starts_with(own)) return std::nullopt;
  if (!repository_.empty() && key.starts_with(repository_)) return std::nullopt;
  std::string name = key.substr(own.size());
  if (name == kRestoreRecord || name == kScratchMark) return std::nullopt;
  return name;
}

std::string Scope::restorable_key_of(const std::string& name) const {
  std::string key = key_of(name);
  if (!key.empty() && name_of(key)) return key;
  throw Error(ErrorCode::refused,
              "s3://" + target_.bucket + "/" + key + ": " +
                  (key.empty() ? "an object needs a key" : "lies in the repository of the backups"),
              "restore it elsewhere with --into");
}

bool Scope::may_be_removed(const std::string& key) const {
  return name_of(key) && (not_removed_.empty() || !key.starts_with(not_removed_));
}

}  // namespace prism::s3
