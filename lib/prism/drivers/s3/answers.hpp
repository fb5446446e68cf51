#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/drivers/s3/request.hpp>

namespace prism::s3 {

// What servers answer in XML. All but read_error throw Error(io) for what is not of that form.

struct ErrorAnswer {
  std::string code;
  std::string message;
  std::string region;  ///< the right one, where the server names it
};

/// Of an answer that is no success; empty where it is no XML of S3's.
PRISM_API ErrorAnswer read_error(std::string_view body);

struct ListedObject {
  std::string key;
  std::uint64_t size = 0;  ///< bytes
  std::chrono::system_clock::time_point modified;
};

struct ObjectPage {
  std::vector<ListedObject> objects;
  std::string next;  ///< names the next page; empty: this is the last
};

/// Of ListObjectsV2 with `encoding-type=url`.
PRISM_API ObjectPage read_object_page(std::string_view body);

struct Upload {
  std::string key;
  std::string id;
  std::chrono::system_clock::time_point begun;
};

struct UploadPage {
  std::vector<Upload> uploads;
  std::string next_key;  ///< empty: this is the last
  std::string next_id;
};

/// Of ListMultipartUploads with `encoding-type=url`.
PRISM_API UploadPage read_upload_page(std::string_view body);

struct PartPage {
  std::chrono::system_clock::time_point newest;  ///< the epoch where there is no part
  std::string next;                              ///< empty: this is the last
};

/// Of ListParts.
PRISM_API PartPage read_part_page(std::string_view body);

/// Names and values, of GetObjectTagging.
PRISM_API Parameters read_tags(std::string_view body);

/// Of CreateMultipartUpload.
PRISM_API std::string read_upload_id(std::string_view body);

}  // namespace prism::s3
