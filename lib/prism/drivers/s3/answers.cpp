#include <algorithm>
#include <charconv>
#include <optional>

#include <pugixml.hpp>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/s3/answers.hpp>

namespace prism::s3 {
namespace {

using Time = std::chrono::system_clock::time_point;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::io, "what the server answered is not S3's: " + what,
              "does an S3 server answer at the endpoint?");
}

/// pugixml neither reads document types nor expands entities of theirs.
pugi::xml_document parsed(std::string_view body) {
  pugi::xml_document document;
  // A value may be a blank.
  constexpr unsigned kOptions = pugi::parse_default | pugi::parse_ws_pcdata_single;
  const auto result = document.load_buffer(body.data(), body.size(), kOptions, pugi::encoding_utf8);
  if (!result) refuse(result.description());
  return document;
}

pugi::xml_node root_of(const pugi::xml_document& document, const char* name) {
  const pugi::xml_node root = document.child(name);
  if (!root) refuse("<" + std::string(name) + "> was expected");
  return root;
}

std::string text_of(const pugi::xml_node& node, const char* name) { return node.child_value(name); }

std::string needed(const pugi::xml_node& node, const char* name) {
  std::string text = text_of(node, name);
  if (text.empty()) refuse("<" + std::string(name) + "> is missing or empty");
  return text;
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  refuse("a number was expected, found " + in_quotes(text));
}

/// `2026-11-21T10:15:00.123Z`; some leave out the fraction, Amazon says `.000`.
Time time_of(const std::string& text) {
  const auto dot = std::min(text.find('.'), text.size());
  const std::string fraction = text.substr(dot);
  // A clock of nanoseconds holds no year before 1678 and none behind 2261.
  const bool has_our_year = text.compare(0, 4, "1970") >= 0 && text.compare(0, 4, "2261") <= 0;
  const auto seconds =
      has_our_year ? parse_utc(text.substr(0, dot) + (fraction.empty() ? "" : "Z")) : std::nullopt;
  const bool has_milliseconds = fraction.size() == 5 && fraction.back() == 'Z';
  if (!seconds || (!fraction.empty() && !has_milliseconds)) {
    refuse("a time was expected, found " + in_quotes(text));
  }
  if (fraction.empty()) return *seconds;
  return *seconds + std::chrono::milliseconds(number_of(fraction.substr(1, 3)));
}

/// As of a form: a blank is `+`.
std::string key_of(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return config::percent_decoded(text);
}

bool goes_on(const pugi::xml_node& root) { return text_of(root, "IsTruncated") == "true"; }

/// What a code may be: it is shown, and it is anybody's who answers.
bool is_word(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  return text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '-' || c == '_';
         });
}

}  // namespace

ErrorAnswer read_error(std::string_view body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8)) {
    return {};
  }
  const pugi::xml_node root = document.child("Error");
  ErrorAnswer error{text_of(root, "Code"), text_of(root, "Message"), text_of(root, "Region")};
  if (!is_word(error.code)) error.code.clear();
  return error;
}

ObjectPage read_object_page(std::string_view body) {
  const pugi::xml_document document = parsed(body);
  const pugi::xml_node root = root_of(document, "ListBucketResult");
  ObjectPage page;
  for (const pugi::xml_node& entry : root.children("Contents")) {
    page.objects.push_back({key_of(needed(entry, "Key")), number_of(needed(entry, "Size")),
                            time_of(needed(entry, "LastModified"))});
  }
  if (goes_on(root)) page.next = needed(root, "NextContinuationToken");
  return page;
}

UploadPage read_upload_page(std::string_view body) {
  const pugi::xml_document document = parsed(body);
  const pugi::xml_node root = root_of(document, "ListMultipartUploadsResult");
  UploadPage page;
  for (const pugi::xml_node& entry : root.children("Upload")) {
    page.uploads.push_back({key_of(needed(entry, "Key")), needed(entry, "UploadId"),
                            time_of(needed(entry, "Initiated"))});
  }
  if (goes_on(root)) {
    page.next_key = key_of(needed(root, "NextKeyMarker"));
    page.next_id = text_of(root, "NextUploadIdMarker");
  }
  return page;
}

PartPage read_part_page(std::string_view body) {
  const pugi::xml_document document = parsed(body);
  const pugi::xml_node root = root_of(document, "ListPartsResult");
  PartPage page;
  for (const pugi::xml_node& entry : root.children("Part")) {
    page.newest = std::max(page.newest, time_of(needed(entry, "LastModified")));
  }
  if (goes_on(root)) page.next = needed(root, "NextPartNumberMarker");
  return page;
}

Parameters read_tags(std::string_view body) {
  const pugi::xml_document document = parsed(body);
  Parameters tags;
  for (const pugi::xml_node& tag : root_of(document, "Tagging").child("TagSet").children("Tag")) {
    tags.emplace_back(needed(tag, "Key"), text_of(tag, "Value"));
  }
  return tags;
}

std::string read_upload_id(std::string_view body) {
  const pugi::xml_document document = parsed(body);
  return needed(root_of(document, "InitiateMultipartUploadResult"), "UploadId");
}

}  // namespace prism::s3
