#include "support/fake_s3.hpp"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include <fmt/format.h>

#include <prism/base/sha256.hpp>
#include <prism/config/url.hpp>

namespace prism::test {
namespace {

/// `/bucket/KEY?QUERY`
struct Target {
  explicit Target(const std::string& text) {
    constexpr std::size_t kBucket = 8;
    const auto mark = std::min(text.find('?'), text.size());
    if (mark > kBucket) key = config::percent_decoded(text.substr(kBucket, mark - kBucket));
    std::istringstream query(text.substr(std::min(mark + 1, text.size())));
    for (std::string one; std::getline(query, one, '&');) {
      const auto equals = std::min(one.find('='), one.size());
      const std::string value = one.substr(std::min(equals + 1, one.size()));
      values[one.substr(0, equals)] = config::percent_decoded(value);
    }
  }

  std::string key;
  std::map<std::string, std::string> values;
};

std::string head_of(const SeenObject& object) {
  std::string head = "ETag: " + etag_of(object) + "\r\n";
  for (const auto& [name, value] : object.attributes.headers) head += name + ": " + value + "\r\n";
  const auto tags = static_cast<std::size_t>(
      std::count(object.attributes.tags.begin(), object.attributes.tags.end(), '='));
  if (tags > 0) head += "x-amz-tagging-count: " + std::to_string(tags) + "\r\n";
  return head;
}

/// With the attributes that its headers give it.
SeenObject object_in(const HttpRequest& request) {
  SeenObject object{request.body, {}};
  for (const auto& [name, value] : request.headers) {
    if (s3::is_attribute(name)) object.attributes.headers[name] = value;
  }
  object.attributes.tags = request.header("x-amz-tagging");
  return object;
}

std::string tagging_of(const SeenObject& object) {
  std::string xml = "<Tagging><TagSet>";
  for (const auto& [name, value] : Target("/bucket/?" + object.attributes.tags).values) {
    xml += fmt::format("<Tag><Key>{}</Key><Value>{}</Value></Tag>", config::percent_decoded(name),
                       value);
  }
  return xml + "</TagSet></Tagging>";
}

}  // namespace

std::string s3_error(int status, const std::string& code) {
  return http_answer(status, "<Error><Code>" + code + "</Code></Error>");
}

std::string etag_of(const SeenObject& object) { return '"' + sha256_hex(object.bytes) + '"'; }

FakeS3::FakeS3(Fault fault) : fault_(std::move(fault)) {
  server_ =
      std::make_unique<HttpServer>([this](const HttpRequest& request) { return answer(request); });
}

s3::ClientOptions FakeS3::options() const {
  s3::ClientOptions options;
  options.settings.endpoint = url();
  options.settings.access_key = "access";
  options.settings.secret_key = "secret";
  options.settings.retry_time = std::chrono::seconds(20);
  return options;
}

std::unique_ptr<backup::Component> FakeS3::open(bool exact) {
  return s3::open_component({.url = "s3://bucket", .client = options(), .exact = exact},
                            quiet.log(), quiet.cancel());
}

std::string FakeS3::answer(const HttpRequest& request) {
  const Target target(request.target);
  if (fault_) {
    if (std::string other = fault_(request, target.key); !other.empty()) return other;
  }
  if (target.key.empty() && request.method == "PUT") is_there = true;
  if (!is_there) return s3_error(404, "NoSuchBucket");
  if (target.values.contains("list-type")) {
    const auto token = target.values.find("continuation-token");
    return list(target.values.at("prefix"),
                token == target.values.end() ? "" : config::percent_decoded(token->second));
  }
  if (request.method == "POST") {
    return post(request, target.key, target.values.contains("uploads"));
  }
  if (target.values.contains("partNumber")) {
    parts_[std::stoul(target.values.at("partNumber"))] = request.body;
    return http_answer(200, "", "ETag: \"part\"\r\n");
  }
  if (target.values.contains("uploadId")) return http_answer(204);
  if (target.values.contains("uploads")) {
    return http_answer(200, "<ListMultipartUploadsResult></ListMultipartUploadsResult>");
  }
  if (target.key.empty()) return http_answer(200, "", "Server: Fake\r\n");
  if (request.method == "PUT") return put(request, target.key);
  if (request.method == "DELETE") {
    objects.erase(target.key);
    return http_answer(204);
  }
  const auto found = objects.find(target.key);
  if (found == objects.end()) {
    return request.method == "HEAD" ? http_answer(404) : s3_error(404, "NoSuchKey");
  }
  if (target.values.contains("tagging")) return http_answer(200, tagging_of(found->second));
  return get(request, target.key);
}

std::string FakeS3::list(const std::string& prefix, const std::string& token) const {
  std::string xml = "<ListBucketResult>";
  std::size_t count = 0;
  for (const auto& [key, object] : objects) {
    if (!key.starts_with(prefix) || key <= token) continue;
    if (count == page_size) {
      const auto last = std::prev(objects.find(key))->first;
      xml += "<IsTruncated>true</IsTruncated><NextContinuationToken>" +
             config::percent_encoded(last) + "</NextContinuationToken>";
      break;
    }
    ++count;
    xml += fmt::format(
        "<Contents><Key>{}</Key><Size>{}</Size><LastModified>2026-11-21T10:00:00.000Z"
        "</LastModified></Contents>",
        config::percent_encoded(key), object.bytes.size());
  }
  return http_answer(200, xml + "</ListBucketResult>");
}

std::string FakeS3::get(const HttpRequest& request, const std::string& key) const {
  const SeenObject& object = objects.at(key);
  if (request.method == "HEAD") {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n", object.bytes.size(),
                       head_of(object));
  }
  const std::string match = request.header("if-match");
  if (!match.empty() && match != etag_of(object)) return s3_error(412, "PreconditionFailed");
  if (request.header("range").empty()) return http_answer(200, object.bytes, head_of(object));
  std::size_t begin = 0, end = 0;
  std::sscanf(request.header("range").c_str(), "bytes=%zu-%zu", &begin, &end);
  if (begin >= object.bytes.size()) return s3_error(416, "InvalidRange");
  const std::string bytes = object.bytes.substr(begin, end - begin + 1);
  return http_answer(206, bytes,
                     fmt::format("{}Content-Range: bytes {}-{}/{}\r\n", head_of(object), begin,
                                 begin + bytes.size() - 1, object.bytes.size()));
}

std::string FakeS3::put(const HttpRequest& request, const std::string& key) {
  objects[key] = object_in(request);
  return http_answer(200);
}

std::string FakeS3::post(const HttpRequest& request, const std::string& key, bool begins) {
  if (begins) {
    upload_ = object_in(request);
    parts_.clear();
    return http_answer(200,
                       "<InitiateMultipartUploadResult><UploadId>one</UploadId>"
                       "</InitiateMultipartUploadResult>");
  }
  upload_.bytes.clear();
  for (const auto& [number, bytes] : parts_) upload_.bytes += bytes;
  objects[key] = upload_;
  return http_answer(200, "<CompleteMultipartUploadResult/>");
}

}  // namespace prism::test
