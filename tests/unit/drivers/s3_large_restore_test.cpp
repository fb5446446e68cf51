// A large object that is put back in parts, whatever happens to the answers.
#include <algorithm>

#include <doctest/doctest.h>

#include <prism/drivers/s3/large_restore.hpp>

#include "support/http_server.hpp"
#include "support/s3.hpp"
#include "support/thrown.hpp"

namespace prism::s3 {
namespace {

using test::http_answer;
using test::HttpRequest;
using test::kMiB;
using test::many_bytes;

/// A server with one object, which takes one upload in parts.
class Scene {
 public:
  explicit Scene(std::string there)
      : object(std::move(there)),
        server([this](const HttpRequest& request) { return answer(request); }),
        place(options(), "s3://bucket") {}

  void restore(const std::string& bytes) {
    LargeRestore large(place.client, "k", {"k", bytes.size(), {}}, true);
    for (std::size_t at = 0; at < bytes.size(); at += kMiB) {
      large.write(std::string_view(bytes).substr(at, kMiB));
    }
    large.complete();
  }

  std::string object;
  std::string end;  ///< what the end of an upload is answered, once it was made
  int parts_sent = 0;

 private:
  ClientOptions options() const {
    ClientOptions options;
    options.settings.endpoint = server.url();
    options.settings.access_key = "access";
    options.settings.secret_key = "secret";
    return options;
  }

  std::string answer(const HttpRequest& request) {
    const auto& target = request.target;
    if (request.method == "POST" && target.find("uploads=") != std::string::npos) {
      return http_answer(200,
                         "<InitiateMultipartUploadResult><UploadId>i</UploadId>"
                         "</InitiateMultipartUploadResult>");
    }
    if (request.method == "PUT") {
      parts_[std::stoul(target.substr(target.find("partNumber=") + 11))] = request.body;
      ++parts_sent;
      return http_answer(200, "", "ETag: \"p\"\r\n");
    }
    if (request.method == "POST") {
      object.clear();
      for (const auto& [number, bytes] : parts_) object += bytes;
      return end.empty() ? http_answer(200, "<CompleteMultipartUploadResult/>") : end;
    }
    if (request.method == "GET") return get(request);
    return http_answer(204);
  }

  std::string get(const HttpRequest& request) const {
    std::size_t begin = 0, last = 0;
    std::sscanf(request.header("range").c_str(), "bytes=%zu-%zu", &begin, &last);
    const std::string bytes = object.substr(begin, last - begin + 1);
    return http_answer(206, bytes,
                       "ETag: \"e\"\r\nContent-Range: bytes " + std::to_string(begin) + "-" +
                           std::to_string(begin + bytes.size() - 1) + "/" +
                           std::to_string(object.size()) + "\r\n");
  }

  std::map<std::size_t, std::string> parts_;

 public:
  test::HttpServer server;
  test::S3Place place;
};

}  // namespace

TEST_CASE("S3: a large object that is as it was is not sent") {
  const std::string bytes = many_bytes(20 * kMiB);
  Scene scene(bytes);
  scene.restore(bytes);
  CHECK(scene.parts_sent == 0);
}

TEST_CASE("S3: a large object that differs anywhere is sent as a whole") {
  const std::string bytes = many_bytes(20 * kMiB);
  for (const std::size_t at : {std::size_t{0}, 9 * kMiB, 20 * kMiB - 1}) {
    CAPTURE(at);
    std::string there = bytes;
    there[at] = static_cast<char>(there[at] ^ 1);
    Scene scene(there);
    scene.restore(bytes);
    CHECK(scene.parts_sent == 3);
    CHECK((scene.object == bytes));
  }
  Scene shorter(bytes.substr(1));
  shorter.restore(bytes);
  CHECK((shorter.object == bytes));
}

TEST_CASE("S3: an upload whose end was answered to nobody is looked after") {
  const std::string bytes = many_bytes(20 * kMiB);
  const std::string gone = http_answer(404, "<Error><Code>NoSuchUpload</Code></Error>");
  Scene scene("");
  scene.object = "another";
  scene.end = gone;
  CHECK_NOTHROW(scene.restore(bytes));
}

}  // namespace prism::s3
