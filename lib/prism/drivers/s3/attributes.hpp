#pragma once

#include <string>
#include <string_view>

#include <prism/base/export.hpp>
#include <prism/drivers/s3/request.hpp>

namespace prism::s3 {

/// What an object has beside its bytes, as far as a backup keeps it. Access control lists, storage
/// classes, encryption, retention and legal holds belong to the bucket's own administration.
struct Attributes {
  /// `content-type`, `cache-control`, `content-disposition`, `content-encoding`,
  /// `content-language`, `expires`, and `x-amz-meta-…`, which is the user's metadata.
  Headers headers;
  std::string tags;  ///< as `x-amz-tagging` takes them: `a=1&b=2`, by name, percent-encoded

  bool operator==(const Attributes&) const = default;
};

/// Whether a header, by its name in lower case, is such an attribute.
PRISM_API bool is_attribute(std::string_view header);

/// Throws Error(bad_data) for a value that is none of a header, or tags that are of another form.
PRISM_API void require_valid(const Attributes& attributes, std::string_view key);

/// The headers that give an object its attributes when it is written.
PRISM_API Parameters headers_of(const Attributes& attributes);

}  // namespace prism::s3
