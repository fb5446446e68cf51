#include <csignal>
#include <functional>
#include <map>

#include <doctest/doctest.h>

#include <prism/base/sha256.hpp>
#include <prism/drivers/s3/multipart.hpp>
#include <prism/drivers/s3/objects.hpp>

#include "support/http_server.hpp"
#include "support/s3.hpp"
#include "support/text_stream.hpp"
#include "support/thrown.hpp"

namespace prism::s3 {
namespace {

using test::http_answer;
using test::HttpRequest;
using test::thrown_by;
using Answers = std::vector<std::string>;

constexpr const char* kSecret = "hidden-secret";

std::string error(int status, const std::string& code) {
  return http_answer(status, "<Error><Code>" + code + "</Code><Message>m</Message></Error>");
}

/// A server that says one after the other, and a client of it.
class Scene {
 public:
  explicit Scene(Answers answers, std::chrono::milliseconds retry_time = std::chrono::minutes(1))
      : answers_(std::move(answers)),
        server([this](const HttpRequest&) { return next(); }),
        place(options(retry_time), "s3://bucket/prefix") {}

  std::size_t asked() const { return server.requests().size(); }
  std::string methods() const {
    std::string all;
    for (const HttpRequest& request : server.requests()) all += request.method + " ";
    return all;
  }

 private:
  ClientOptions options(std::chrono::milliseconds retry_time) const {
    ClientOptions options;
    options.settings.endpoint = server.url();
    options.settings.region = "eu-west-3";
    options.settings.access_key = "access";
    options.settings.secret_key = kSecret;
    options.settings.session_token = "hidden-token";
    options.settings.retry_time = retry_time;
    return options;
  }

  /// The last one stays.
  std::string next() {
    const std::string answer = answers_.at(at_);
    if (at_ + 1 < answers_.size()) ++at_;
    return answer;
  }

  Answers answers_;
  std::size_t at_ = 0;

 public:
  test::HttpServer server;
  test::S3Place place;
};

std::string piece_answer(const std::string& bytes, std::size_t begin, std::size_t size) {
  return http_answer(206, bytes,
                     "ETag: \"e\"\r\nContent-Range: bytes " + std::to_string(begin) + "-" +
                         std::to_string(begin + bytes.size() - 1) + "/" + std::to_string(size) +
                         "\r\nConnection: close\r\n");
}

}  // namespace

TEST_CASE("s3: requests are signed, with the hash of what they bring") {
  Scene scene({http_answer(200)});
  put_new(scene.place.client, "prefix/a b", "content", "writer");
  const HttpRequest request = scene.server.requests().at(0);
  CHECK(request.method == "PUT");
  CHECK(request.target == "/bucket/prefix/a%20b");
  CHECK(request.body == "content");
  CHECK(request.header("if-none-match") == "*");
  CHECK(request.header("x-amz-content-sha256") == sha256_hex("content"));
  CHECK(request.header("x-amz-security-token") == "hidden-token");
  const std::string authorization = request.header("authorization");
  CHECK(authorization.starts_with("AWS4-HMAC-SHA256 Credential=access/"));
  CHECK(authorization.find("/eu-west-3/s3/aws4_request") != std::string::npos);
  for (const char* name : {"host", "if-none-match", "x-amz-content-sha256", "x-amz-date",
                           "x-amz-meta-prism-writer", "x-amz-security-token"}) {
    CHECK(authorization.find(name) != std::string::npos);
  }
  CHECK(authorization.find(kSecret) == std::string::npos);
}

TEST_CASE("s3: what passes is tried again") {
  for (const std::string& trouble :
       {error(503, "SlowDown"), error(500, "InternalError"), http_answer(502, "<html>"),
        error(400, "RequestTimeout"), error(400, "XAmzContentSHA256Mismatch"), std::string()}) {
    CAPTURE(trouble);
    Scene scene({trouble, trouble, http_answer(204)});
    CHECK_NOTHROW(remove_object(scene.place.client, "k"));
    CHECK(scene.asked() >= 3);
  }
}

TEST_CASE("s3: what does not pass is not tried again") {
  Scene scene({error(403, "AccessDenied")});
  const auto thrown = thrown_by([&] { remove_object(scene.place.client, "k"); });
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.says("s3://bucket/k"));
  CHECK(thrown.says("AccessDenied"));
  CHECK(scene.asked() == 1);
}

TEST_CASE("s3: trying again has an end") {
  Scene scene({error(503, "SlowDown")}, std::chrono::milliseconds(100));
  const auto thrown = thrown_by([&] { remove_object(scene.place.client, "k"); });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.says("SlowDown"));
  CHECK(scene.asked() > 1);
}

TEST_CASE("s3: a server that can't be reached is told at once, and by its address") {
  std::string url;
  {
    const test::HttpServer gone([](const HttpRequest&) { return std::string(); });
    url = gone.url();
  }
  ClientOptions options;
  options.settings.endpoint = url;
  options.settings.access_key = "access";
  options.settings.secret_key = kSecret;
  test::S3Place place(options, "s3://bucket");
  const auto thrown = thrown_by([&] { place.repository.list(""); });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.says(url));
  CHECK(thrown.hint.find("endpoint") != std::string::npos);
}

TEST_CASE("s3: without keys nothing is asked") {
  const ClientOptions options;
  const auto thrown = thrown_by([&] { test::S3Place(options, "s3://bucket"); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(thrown.hint.find("MINIO_ROOT_USER") != std::string::npos);
}

TEST_CASE("s3: a redirection is told, not followed") {
  Scene scene(
      {http_answer(301, "", "Location: http://127.0.0.1:1/\r\nx-amz-bucket-region: x-1\r\n")});
  const auto thrown = thrown_by([&] { scene.place.repository.list(""); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK(thrown.hint.find("'x-1'") != std::string::npos);
  CHECK(scene.asked() == 1);
}

TEST_CASE("s3: when an answer is lost, an object that is there then is told to be ours or not") {
  const std::string taken = error(412, "PreconditionFailed");
  {
    Scene scene({"", taken, http_answer(200, "", "x-amz-meta-prism-writer: ours\r\n")});
    CHECK_NOTHROW(put_new(scene.place.client, "k", "content", "ours"));
    CHECK(scene.methods() == "PUT PUT HEAD ");
  }
  Scene scene({"", taken, http_answer(200, "", "x-amz-meta-prism-writer: another\r\n")});
  const auto thrown = thrown_by([&] { put_new(scene.place.client, "k", "content", "ours"); });
  CHECK(thrown.code == ErrorCode::refused);
}

TEST_CASE("s3: a server without conditional writes is asked before") {
  {
    Scene scene({error(501, "NotImplemented"), http_answer(404), http_answer(200)});
    CHECK_NOTHROW(put_new(scene.place.client, "k", "content", "ours"));
    CHECK(scene.methods() == "PUT HEAD PUT ");
    CHECK(scene.server.requests().at(2).header("if-none-match").empty());
  }
  Scene scene({error(501, "NotImplemented"), http_answer(200)});
  CHECK(thrown_by([&] { put_new(scene.place.client, "k", "content", "ours"); }).code ==
        ErrorCode::refused);
  CHECK(scene.methods() == "PUT HEAD ");
}

TEST_CASE("s3: a failure may follow a 200 when parts are put together") {
  const std::string begun = http_answer(
      200, "<InitiateMultipartUploadResult><UploadId>i</UploadId></InitiateMultipartUploadResult>");
  const std::string done = http_answer(200, "", "ETag: \"p\"\r\n");
  const std::string missing = http_answer(404);
  Scene scene({begun, done, missing, error(200, "InternalError"), done});
  MultipartUpload upload(scene.place.client, "k", writer_headers("ours"));
  upload.add("part");
  CHECK_NOTHROW(upload.complete_new("ours"));
  CHECK(scene.methods() == "POST PUT HEAD POST POST ");
  CHECK(scene.server.requests().at(4).body.find("<ETag>\"p\"</ETag>") != std::string::npos);
}

TEST_CASE("s3: when the answer to the last request of an upload is lost, it is done") {
  const std::string begun = http_answer(
      200, "<InitiateMultipartUploadResult><UploadId>i</UploadId></InitiateMultipartUploadResult>");
  const std::string done = http_answer(200, "", "ETag: \"p\"\r\n");
  Scene scene({begun, done, http_answer(404), "", error(404, "NoSuchUpload"),
               http_answer(200, "", "x-amz-meta-prism-writer: ours\r\n")});
  MultipartUpload upload(scene.place.client, "k", writer_headers("ours"));
  upload.add("part");
  CHECK_NOTHROW(upload.complete_new("ours"));
  CHECK(scene.methods() == "POST PUT HEAD POST POST HEAD ");
}

TEST_CASE("s3: a failed upload is aborted") {
  const std::string begun = http_answer(
      200, "<InitiateMultipartUploadResult><UploadId>i</UploadId></InitiateMultipartUploadResult>");
  Scene scene({begun, error(403, "AccessDenied"), http_answer(204)});
  {
    MultipartUpload upload(scene.place.client, "k", writer_headers("ours"));
    upload.add("part");
    CHECK(thrown_by([&] { upload.complete_new("ours"); }).code == ErrorCode::permission);
  }
  CHECK(scene.methods() == "POST PUT DELETE ");
  CHECK(scene.server.requests().at(2).target == "/bucket/k?uploadId=i");
}

TEST_CASE("s3: an answer that is cut is gone on with where it was cut") {
  const std::string whole = piece_answer("0123456789", 0, 10);
  Scene scene({whole.substr(0, whole.size() - 6), "", piece_answer("456789", 4, 10)});
  const Piece piece = get_piece(scene.place.client, "k", 0, 100);
  CHECK(piece.bytes == "0123456789");
  CHECK(piece.object_size == 10);
  const auto requests = scene.server.requests();
  CHECK(requests.at(0).header("range") == "bytes=0-99");
  CHECK(requests.at(0).header("if-match").empty());
  CHECK(requests.back().header("range") == "bytes=4-99");
  CHECK(requests.back().header("if-match") == "\"e\"");
}

TEST_CASE("s3: an object is asked for without a range; the rest of one that is cut, by one") {
  const std::string whole = http_answer(200, "0123456789", "ETag: \"e\"\r\nConnection: close\r\n");
  Scene scene({whole.substr(0, whole.size() - 6), "", piece_answer("456789", 4, 10)});
  const Piece piece = get_object(scene.place.client, "k", 100);
  CHECK(piece.bytes == "0123456789");
  CHECK(piece.object_size == 10);
  const auto requests = scene.server.requests();
  CHECK(requests.at(0).header("range").empty());
  CHECK(requests.at(0).header("if-match").empty());
  CHECK(requests.back().header("range") == "bytes=4-99");
  CHECK(requests.back().header("if-match") == "\"e\"");
  Scene empty({http_answer(200, "", "ETag: \"e\"\r\n")});
  CHECK(get_object(empty.place.client, "k", 100).object_size == 0);
}

TEST_CASE("s3: of an object that is larger than is wanted only the size comes") {
  for (const std::size_t size : {11U, 70'000U, 40'000'000U}) {
    CAPTURE(size);
    Scene scene({http_answer(200, std::string(size, 'x'), "ETag: \"e\"\r\n")});
    const Piece piece = get_object(scene.place.client, "k", 10);
    CHECK(piece.object_size == size);
    CHECK(piece.bytes.empty());
    CHECK(scene.asked() == 1);
  }
}

TEST_CASE("s3: an object of no mark that was cut is read anew") {
  const std::string whole = http_answer(200, "0123456789", "Connection: close\r\n");
  Scene scene({whole.substr(0, whole.size() - 6), whole});
  CHECK(get_object(scene.place.client, "k", 100).bytes == "0123456789");
  for (const HttpRequest& request : scene.server.requests()) CHECK(request.header("range").empty());
}

TEST_CASE("s3: a part of an object is not taken for the whole") {
  Scene part({piece_answer("012", 0, 10)});
  CHECK(thrown_by([&] { get_object(part.place.client, "k", 100); }).code == ErrorCode::io);
  Scene endless({"HTTP/1.1 200 OK\r\nETag: \"e\"\r\nConnection: close\r\n\r\n0123"});
  CHECK(thrown_by([&] { get_object(endless.place.client, "k", 100); }).code == ErrorCode::io);
}

TEST_CASE("s3: another part than the one asked for is refused") {
  for (const std::string& answer :
       {http_answer(200, "0123456789"), piece_answer("123", 1, 10), http_answer(206, "0")}) {
    Scene scene({answer});
    CHECK(thrown_by([&] { get_piece(scene.place.client, "k", 0, 100); }).code == ErrorCode::io);
  }
  Scene scene({piece_answer(std::string(100'000, 'x'), 0, 100'000)});
  const auto thrown = thrown_by([&] { get_piece(scene.place.client, "k", 0, 10); });
  CHECK(thrown.says("more than was asked for"));
}

TEST_CASE("s3: an object that is replaced while it is read is told") {
  for (const std::string& answer : {error(412, "PreconditionFailed"), error(404, "NoSuchKey")}) {
    Scene scene({answer});
    const auto thrown = thrown_by([&] { get_piece(scene.place.client, "k", 5, 10, "\"e\""); });
    CHECK(thrown.code == ErrorCode::io);
    CHECK(thrown.says("replaced or removed"));
  }
}

TEST_CASE("s3: an empty object has no part that could be asked for") {
  Scene scene({error(416, "InvalidRange"), http_answer(200, "", "ETag: \"e\"\r\n")});
  const Piece piece = get_piece(scene.place.client, "k", 0, 10);
  CHECK(piece.bytes.empty());
  CHECK(piece.object_size == 0);
}

TEST_CASE("s3: a list that never ends is refused") {
  Scene scene({http_answer(200,
                           "<ListBucketResult><IsTruncated>true</IsTruncated>"
                           "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>")});
  CHECK(thrown_by([&] { scene.place.repository.list(""); }).says("for ever"));
  CHECK(scene.asked() == 2);
}

TEST_CASE("s3: once a signal has come only what takes back is asked") {
  Scene scene({http_answer(204)});
  scene.place.quiet.cancel().request(SIGINT);
  CHECK(thrown_by([&] { scene.place.repository.list(""); }).code == ErrorCode::interrupted);
  CHECK(scene.asked() == 0);
  CHECK_NOTHROW(scene.place.repository.remove("a"));
  CHECK(scene.methods() == "DELETE ");
}

TEST_CASE("s3: no key of ours is shown, whatever a server says") {
  Scene scene({error(403, "SignatureDoesNotMatch")});
  const auto thrown = thrown_by([&] { scene.place.repository.list(""); });
  for (const std::string& text : {thrown.message, thrown.hint, scene.place.repository.location()}) {
    CHECK(text.find("hidden") == std::string::npos);
  }
}

}  // namespace prism::s3
