#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/s3/address.hpp>

namespace prism::s3 {
namespace {

constexpr std::string_view kScheme = "s3://";

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::configuration, "the S3 URL: " + what,
              "examples: s3://bucket/prefix, s3://bucket?endpoint=http://localhost:9000; the keys "
              "are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or MINIO_ROOT_USER and "
              "MINIO_ROOT_PASSWORD");
}

[[noreturn]] void refuse_endpoint(const std::string& what) {
  throw Error(ErrorCode::configuration, "the endpoint of S3: " + what,
              "examples: http://localhost:9000, https://minio.example.com");
}

bool consists_of(std::string_view text, bool (*allowed)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), allowed);
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string take_parameter(std::string& url, std::string_view name) {
  return config::take_parameters(url, std::array{name});
}

std::string checked_bucket(std::string_view bucket) {
  constexpr std::size_t kShortest = 3, kLongest = 63;
  const bool valid =
      bucket.size() >= kShortest && bucket.size() <= kLongest && consists_of(bucket, [](char c) {
        return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
      });
  if (valid) return std::string(bucket);
  refuse("bucket " + in_quotes(bucket) +
         " is none: 3 to 63 letters, digits, '.', '-' and '_' were expected");
}

/// What a server could take for another place than the one that is meant.
bool is_odd_part(std::string_view part) { return part.empty() || part == "." || part == ".."; }

std::string checked_prefix(std::string_view prefix) {
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  for (std::string_view rest = prefix; !rest.empty();) {
    const auto slash = std::min(rest.find('/'), rest.size());
    if (is_odd_part(rest.substr(0, slash))) refuse("prefix " + in_quotes(prefix) + " is none");
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  if (find_invalid_utf8(prefix) != std::string_view::npos) refuse("its prefix is not UTF-8");
  return std::string(prefix);
}

std::string checked_region(const std::string& region) {
  if (consists_of(region, [](char c) { return is_letter_or_digit(c) || c == '-'; })) return region;
  refuse("region " + in_quotes(region) + " is none: a name such as us-east-1 was expected");
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

/// HOST, HOST:PORT, [::1]:PORT
std::string checked_host(std::string_view text) {
  const auto port = text.starts_with('[') ? text.find("]:") : text.find(':');
  const std::string_view host =
      text.substr(0, text.starts_with('[') && port != std::string_view::npos ? port + 1 : port);
  const bool valid = consists_of(host, [](char c) {
    return is_letter_or_digit(c) || std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
  if (!valid) refuse_endpoint("host " + in_quotes(host) + " is none");
  if (host.size() < text.size() && !is_port(text.substr(host.size() + 1))) {
    refuse_endpoint("port " + in_quotes(text.substr(host.size() + 1)) +
                    " is not between 1 and 65535");
  }
  return std::string(text);
}

/// MinIO's own variable has no scheme: then it is plain HTTP.
void read_endpoint(std::string_view endpoint, Address& address) {
  endpoint = trimmed(endpoint);
  if (endpoint.find('@') != std::string_view::npos) refuse_endpoint("it must not name a user");
  const auto colon = endpoint.find("://");
  const std::string scheme =
      colon == std::string_view::npos ? "http" : lower_case(endpoint.substr(0, colon));
  if (scheme != "http" && scheme != "https") {
    refuse_endpoint("http:// or https:// was expected, found " + in_quotes(scheme));
  }
  if (colon != std::string_view::npos) endpoint.remove_prefix(colon + 3);
  while (endpoint.ends_with('/')) endpoint.remove_suffix(1);
  if (endpoint.find_first_of("/?#") != std::string_view::npos) {
    refuse_endpoint("nothing was expected behind the host, found " +
                    in_quotes(endpoint.substr(endpoint.find_first_of("/?#"))));
  }
  address.tls = scheme == "https";
  address.host = checked_host(endpoint);
}

std::string amazon_host(const std::string& region) {
  return "s3." + region + ".amazonaws.com" + (region.starts_with("cn-") ? ".cn" : "");
}

/// A certificate for *.host does not cover a bucket with a dot.
bool is_path_style(const Address& address, config::S3Addressing addressing, bool own_endpoint) {
  if (addressing == config::S3Addressing::path) return true;
  if (addressing == config::S3Addressing::virtual_host) return false;
  return own_endpoint || address.bucket.find('.') != std::string::npos;
}

std::string encoded_path(std::string_view key) {
  std::string path;
  for (;;) {
    const auto slash = key.find('/');
    path += config::percent_encoded(key.substr(0, slash));
    if (slash == std::string_view::npos) return path;
    path += '/';
    key.remove_prefix(slash + 1);
  }
}

}  // namespace

Address parse_address(const std::string& url, const config::S3Settings& settings) {
  std::string rest = url;
  std::string endpoint = take_parameter(rest, "endpoint");
  std::string region = take_parameter(rest, "region");
  if (!lower_case(rest).starts_with(kScheme)) refuse("s3://BUCKET was expected");
  rest.erase(0, kScheme.size());
  const auto path = std::min(rest.find('/'), rest.size());
  if (rest.substr(0, path).find('@') != std::string::npos) refuse("it must not name keys");
  if (const auto query = rest.find('?'); query != std::string::npos) {
    refuse("?endpoint= and ?region= are known, found " +
           in_quotes(rest.substr(query, rest.find('=', query) - query)));
  }
  Address address;
  address.bucket = checked_bucket(std::string_view(rest).substr(0, path));
  address.prefix = checked_prefix(std::string_view(rest).substr(path));
  address.region = checked_region(region.empty() ? settings.region : region);
  if (endpoint.empty()) endpoint = settings.endpoint;
  address.host = amazon_host(address.region);
  if (!endpoint.empty()) read_endpoint(endpoint, address);
  address.path_style = is_path_style(address, settings.addressing, !endpoint.empty());
  return address;
}

std::string Address::text() const {
  return std::string(kScheme) + bucket + (prefix.empty() ? "" : "/" + prefix);
}

std::string Address::server() const { return (tls ? "https://" : "http://") + host; }

std::string Address::url(std::string_view key) const {
  return (tls ? "https://" : "http://") + request_host() + request_path(key);
}

std::string Address::request_path(std::string_view key) const {
  return (path_style ? "/" + bucket + "/" : "/") + encoded_path(key);
}

std::string Address::key(std::string_view name) const {
  return prefix.empty() ? std::string(name) : prefix + "/" + std::string(name);
}

bool Address::is_loopback() const {
  return host == "localhost" || host.starts_with("localhost:") || host.starts_with("127.") ||
         host.starts_with("[::1]");
}

}  // namespace prism::s3
