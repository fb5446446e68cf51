#include <algorithm>
#include <array>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/s3/attributes.hpp>

namespace prism::s3 {
namespace {

constexpr std::string_view kMetadata = "x-amz-meta-";
constexpr std::array<std::string_view, 6> kStandard{"cache-control",    "content-disposition",
                                                    "content-encoding", "content-language",
                                                    "content-type",     "expires"};

/// A token of HTTP (RFC 9110 section 5.6.2) in lower case.
bool is_token(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// A line end in it would begin another header.
bool is_value(std::string_view value) {
  constexpr std::size_t kLongest = 64 * 1024;
  return value.size() <= kLongest && trimmed(value) == value &&
         std::none_of(value.begin(), value.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return (byte < ' ' && c != '\t') || byte == 0x7f;
         });
}

[[noreturn]] void refuse(std::string_view key, const std::string& what) {
  throw Error(ErrorCode::bad_data, "tar: the object " + in_quotes(key) + " has " + what);
}

/// The tags as they would be written anew.
std::string rewritten(std::string_view tags) {
  Parameters all;
  while (!tags.empty()) {
    const std::string_view one = tags.substr(0, tags.find('&'));
    const auto equals = std::min(one.find('='), one.size());
    all.emplace_back(config::percent_decoded(one.substr(0, equals)),
                     config::percent_decoded(one.substr(std::min(equals + 1, one.size()))));
    tags.remove_prefix(std::min(one.size() + 1, tags.size()));
  }
  return query_text(all);
}

}  // namespace

bool is_attribute(std::string_view header) {
  if (header.starts_with(kMetadata)) return is_token(header.substr(kMetadata.size()));
  return std::find(kStandard.begin(), kStandard.end(), header) != kStandard.end();
}

void require_valid(const Attributes& attributes, std::string_view key) {
  for (const auto& [name, value] : attributes.headers) {
    if (!is_attribute(name)) refuse(key, "an unknown attribute " + in_quotes(name));
    if (!is_value(value))
      refuse(key, in_quotes(name) + ", which is no header: " + in_quotes(value));
  }
  if (!is_value(attributes.tags) || rewritten(attributes.tags) != attributes.tags) {
    refuse(key, "tags of another form than NAME=VALUE&…: " + in_quotes(attributes.tags));
  }
}

Parameters headers_of(const Attributes& attributes) {
  Parameters headers(attributes.headers.begin(), attributes.headers.end());
  if (!attributes.tags.empty()) headers.emplace_back("x-amz-tagging", attributes.tags);
  return headers;
}

}  // namespace prism::s3
