#pragma once

#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/config/servers.hpp>

namespace prism::s3 {

/// A bucket, or a part of one: `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`.
struct PRISM_API Address {
  bool tls = true;
  std::string host;  ///< with the port where one is named
  std::string region;
  std::string bucket;
  std::string prefix;       ///< of keys; neither begins nor ends with a slash
  bool path_style = false;  ///< the bucket is in the path, not in the name of the host

  /// `s3://bucket/prefix`: for people.
  std::string text() const;
  /// `https://host`
  std::string server() const;
  /// What an object is asked for by; the bucket itself where `key` is empty.
  std::string url(std::string_view key) const;
  /// What the request names as its host, and the path of an object or, without a key, the bucket.
  std::string request_host() const { return path_style ? host : bucket + "." + host; }
  std::string request_path(std::string_view key) const;
  /// The key of an object of that name below the prefix.
  std::string key(std::string_view name) const;
  /// The host is this machine.
  bool is_loopback() const;
};

/// Throws Error(configuration) that says what was expected and never shows user or password.
PRISM_API Address parse_address(const std::string& url, const config::S3Settings& settings);

}  // namespace prism::s3
