// An S3 target on a server that takes every key, and that can be told to misbehave.
#include <atomic>

#include <doctest/doctest.h>

#include <prism/drivers/s3/large_restore.hpp>

#include "support/fake_s3.hpp"
#include "support/memory_artifacts.hpp"
#include "support/thrown.hpp"

namespace prism::s3 {
namespace {

using test::etag_of;
using test::FakeS3;
using test::HttpRequest;
using test::many_bytes;
using test::MemoryArtifacts;
using test::s3_error;
using test::SeenObject;
using test::thrown_by;

constexpr std::size_t kLarge = 9'000'000;

SeenObject seen(std::string bytes, Headers headers = {}, std::string tags = {}) {
  headers.emplace("content-type", "text/plain");
  return {std::move(bytes), {std::move(headers), std::move(tags)}};
}

std::map<std::string, SeenObject> odd_objects() {
  std::map<std::string, SeenObject> objects;
  for (const std::string key : {"a",
                                "a/b",
                                "a/b/c",
                                "a-b",
                                "/leading",
                                "//",
                                "x//y",
                                "..",
                                "../up",
                                "../../etc/passwd",
                                "./a",
                                "a/",
                                "a/../b",
                                "back\\..\\slash",
                                "new\nline",
                                "\x01",
                                " ",
                                "ä",
                                ".s3-keys/=x",
                                "=x",
                                "~"}) {
    objects[key] = seen("content of " + std::string(key));
  }
  objects[std::string(1024, 'k')] = seen("long");
  objects["empty"] = seen("");
  objects["tagged"] = seen("t", {{"x-amz-meta-empty", ""}, {"x-amz-meta-b", "1"}}, "a=1&b=%2B%20");
  return objects;
}

/// All but its content is of one request.
bool is_get(const HttpRequest& request, const std::string& key, const std::string& wanted) {
  return request.method == "GET" && key == wanted &&
         request.target.find("tagging") == std::string::npos;
}

}  // namespace

TEST_CASE("S3 target: keys that no file system holds come back exactly") {
  FakeS3 server;
  server.page_size = 5;
  const auto before = server.objects = odd_objects();
  MemoryArtifacts artifacts;
  const auto content = server.open()->dump(artifacts);
  CHECK(content.counts.at("objects") == before.size());
  CHECK(server.open()->present(prism::backup::Look::counted)->counts == content.counts);
  CHECK(server.open()->check(artifacts).counts == content.counts);
  server.objects.clear();
  server.is_there = false;
  server.open()->restore(artifacts);
  CHECK((server.objects == before));
  server.objects["../newer"] = seen("1");
  server.objects.erase("..");
  server.objects["a/b"].attributes.tags = "other=1";
  server.open(true)->restore(artifacts);
  CHECK((server.objects == before));
}

TEST_CASE("S3 target: tags that the key may not read are named as left out") {
  bool denies = true;
  FakeS3 server([&](const HttpRequest& request, const std::string&) -> std::string {
    const bool of_tags = request.target.find("tagging") != std::string::npos;
    return denies && of_tags ? s3_error(403, "AccessDenied") : std::string();
  });
  // Who may not read them is not told that there are some.
  server.objects = {{"a", seen("1")}, {"b", seen("2")}};
  MemoryArtifacts artifacts;
  const auto content = server.open()->dump(artifacts);
  REQUIRE(content.left_out.size() == 1);
  CHECK(content.left_out[0].find("s3:GetObjectTagging") != std::string::npos);
  CHECK(content.counts.at("objects") == 2);
  denies = false;
  MemoryArtifacts whole;
  CHECK(server.open()->dump(whole).left_out.empty());
}

TEST_CASE("S3 target: what is as it was is not sent again") {
  FakeS3 server;
  server.objects = odd_objects();
  MemoryArtifacts artifacts;
  server.open()->dump(artifacts);
  const auto asked = server.requests().size();
  server.open()->restore(artifacts);
  std::string sent;
  const auto requests = server.requests();
  for (std::size_t i = asked; i < requests.size(); ++i) {
    if (requests[i].method == "PUT") sent += requests[i].target + " ";
  }
  CHECK(sent == "/bucket/.prismctl-restore ");
}

TEST_CASE("S3 target: an object that changes while it is read is read anew") {
  const std::string after = many_bytes(kLarge + 5, 2);
  for (const bool grows : {false, true}) {
    CAPTURE(grows);
    FakeS3* server_of = nullptr;
    std::atomic<int> reads = 0;
    FakeS3 server([&](const HttpRequest& request, const std::string& key) -> std::string {
      if (is_get(request, key, "changes") && ++reads == 2) {
        server_of->objects["changes"] = seen(grows ? after : "small now");
      }
      return {};
    });
    server_of = &server;
    server.objects["changes"] = seen(many_bytes(kLarge));
    server.objects["stays"] = seen("1");
    MemoryArtifacts artifacts;
    const auto content = server.open()->dump(artifacts);
    CHECK(content.counts.at("objects") == 2);
    CHECK(server.open()->check(artifacts).counts == content.counts);
    const auto before = server.objects;
    server.objects.erase("changes");
    server.open()->restore(artifacts);
    CHECK((server.objects == before));
  }
}

TEST_CASE("S3 target: an object that goes while it is read is left out") {
  FakeS3* server_of = nullptr;
  std::atomic<int> reads = 0;
  FakeS3 server([&](const HttpRequest& request, const std::string& key) -> std::string {
    if (is_get(request, key, "goes large") && ++reads == 2) server_of->objects.erase("goes large");
    if (is_get(request, key, "goes small")) server_of->objects.erase("goes small");
    return {};
  });
  server_of = &server;
  server.objects["goes large"] = seen(many_bytes(kLarge));
  server.objects["goes small"] = seen("1");
  server.objects["stays"] = seen("2");
  MemoryArtifacts artifacts;
  const auto content = server.open()->dump(artifacts);
  CHECK(content.counts == backup::Counts{{"objects", 1}, {"bytes", 1}});
  CHECK(server.open()->check(artifacts).counts == content.counts);
  server.open()->restore(artifacts);
  CHECK(server.objects.size() == 1);
}

TEST_CASE("S3 target: an object that never comes to rest ends a dump") {
  FakeS3* server_of = nullptr;
  std::atomic<std::size_t> reads = 0;
  FakeS3 server([&](const HttpRequest& request, const std::string& key) -> std::string {
    if (!is_get(request, key, "restless")) return {};
    server_of->objects["restless"] = seen(std::string(100 + ++reads, 'x'));
    // Whole answers are of one moment: it takes one that is cut to see that it was replaced.
    if (!request.header("range").empty()) return {};
    return "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nETag: \"before\"\r\nConnection: "
           "close\r\n\r\ncut";
  });
  server_of = &server;
  server.objects["restless"] = seen("x");
  MemoryArtifacts artifacts;
  const auto thrown = thrown_by([&] { server.open()->dump(artifacts); });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.says("s3://bucket/restless: was replaced each time"));
}

TEST_CASE("S3 target: busy, failing and cut answers are asked for again") {
  std::atomic<int> count = 0;
  FakeS3 server([&](const HttpRequest& request, const std::string&) -> std::string {
    if (request.method == "HEAD") return {};
    switch (++count % 7) {
      case 1:
        return s3_error(503, "SlowDown");
      case 3:
        return s3_error(500, "InternalError");
      case 5:
        return "HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\ncut";
      default:
        return {};
    }
  });
  const auto before = server.objects = odd_objects();
  MemoryArtifacts artifacts;
  const auto content = server.open()->dump(artifacts);
  CHECK(content.counts.at("objects") == before.size());
  server.objects.clear();
  server.open()->restore(artifacts);
  CHECK((server.objects == before));
  CHECK(count > 50);
}

TEST_CASE("S3 target: what a server denies ends a dump and a restore, which is unfinished then") {
  bool denies = false;
  FakeS3 server([&](const HttpRequest& request, const std::string& key) -> std::string {
    const bool is_record = key == ".prismctl-restore";
    return denies && !key.empty() && !is_record && request.method != "HEAD"
               ? s3_error(403, "AccessDenied")
               : std::string();
  });
  const auto before = server.objects = odd_objects();
  MemoryArtifacts artifacts;
  server.open()->dump(artifacts);
  denies = true;
  MemoryArtifacts none;
  CHECK(thrown_by([&] { server.open()->dump(none); }).code == ErrorCode::permission);
  server.objects.clear();
  const auto thrown = thrown_by([&] { server.open()->restore(artifacts); });
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.hint.find("the same again finishes it") != std::string::npos);
  const auto words = server.open()->unfinished();
  REQUIRE(words);
  CHECK(words->find("a restore of s3://bucket, begun ") == 0);
  CHECK_FALSE(server.open()->present(prism::backup::Look::counted));  // the record counts nowhere
  denies = false;
  server.open()->restore(artifacts);
  CHECK_FALSE(server.open()->unfinished());
  CHECK((server.objects == before));
}

TEST_CASE("S3 target: a bucket that may not be made is told of") {
  FakeS3 server([&](const HttpRequest& request, const std::string& key) -> std::string {
    return key.empty() && request.method == "PUT" ? s3_error(403, "AccessDenied") : std::string();
  });
  server.objects = odd_objects();
  MemoryArtifacts artifacts;
  server.open()->dump(artifacts);
  server.is_there = false;
  const auto thrown = thrown_by([&] { server.open()->restore(artifacts); });
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.says("there is no such bucket, and it can't be made"));
  CHECK_FALSE(server.open()->unfinished());
}

TEST_CASE("S3 target: artifacts are checked without server and keys") {
  FakeS3 server;
  server.objects = odd_objects();
  MemoryArtifacts artifacts;
  const auto content = server.open()->dump(artifacts);
  test::Quiet quiet;
  const auto alone = open_component({}, quiet.log(), quiet.cancel());
  CHECK(alone->check(artifacts).counts == content.counts);
  std::string& tar = artifacts.content.at("tar");
  tar[tar.find("user.s3.key=") + 13] ^= 1;
  CHECK(thrown_by([&] { alone->check(artifacts); }).code == ErrorCode::bad_data);
}

TEST_CASE("S3 target: without keys, and in the repository, it says what is wrong") {
  test::Quiet quiet;
  const auto without = open_component({.url = "s3://bucket"}, quiet.log(), quiet.cancel());
  CHECK(thrown_by([&] { without->present(prism::backup::Look::counted); }).says("no access key"));
  FakeS3 server;
  server.objects["before it"] = seen(many_bytes(kLarge));
  server.objects["sets/a"] = seen("of another time, when the repository was elsewhere");
  MemoryArtifacts artifacts;
  server.open()->dump(artifacts);
  const auto beside = open_component(
      {.url = "s3://bucket", .client = server.options(), .repository = "s3://bucket/sets"},
      quiet.log(), quiet.cancel());
  CHECK(thrown_by([&] {
          beside->require_restorable(artifacts);
        }).says("s3://bucket/sets/a: lies in the repository"));
  server.open()->require_restorable(artifacts);
  const auto within = open_component(
      {.url = "s3://bucket/a", .client = server.options(), .repository = "s3://bucket"},
      quiet.log(), quiet.cancel());
  CHECK(thrown_by([&] {
          within->present(prism::backup::Look::counted);
        }).says("lies in the repository"));
}

}  // namespace prism::s3
