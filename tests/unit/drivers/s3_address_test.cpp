#include <doctest/doctest.h>

#include <prism/drivers/s3/address.hpp>
#include <prism/drivers/s3/request.hpp>

#include "support/thrown.hpp"

namespace prism::s3 {
namespace {

using config::S3Addressing;
using config::S3Settings;
using test::thrown_by;

Address at(const std::string& url, const S3Settings& settings = {}) {
  return parse_address(url, settings);
}

std::string refusal(const std::string& url, const S3Settings& settings = {}) {
  const auto thrown = thrown_by([&] { parse_address(url, settings); });
  CHECK(thrown.code == ErrorCode::configuration);
  CHECK_FALSE(thrown.hint.empty());
  return thrown.message;
}

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("s3: a URL names a bucket and a prefix") {
  CHECK(at("s3://backups").text() == "s3://backups");
  CHECK(at("s3://backups/").text() == "s3://backups");
  CHECK(at("S3://backups/a/b c//").text() == "s3://backups/a/b c");
  CHECK(at("s3://backups").key("x/y") == "x/y");
  CHECK(at("s3://backups/a/b").key("x/y") == "a/b/x/y");
  CHECK(at("s3://backups/a/b").key("") == "a/b/");
  CHECK(at("s3://backups").key("").empty());
}

TEST_CASE("s3: without an endpoint it is Amazon's of the region, with the bucket in the host") {
  CHECK(at("s3://backups").url("a/b") == "https://backups.s3.us-east-1.amazonaws.com/a/b");
  CHECK(at("s3://backups", {.region = "eu-west-3"}).url("") ==
        "https://backups.s3.eu-west-3.amazonaws.com/");
  CHECK(at("s3://backups?region=cn-north-1", {.region = "eu-west-3"}).server() ==
        "https://s3.cn-north-1.amazonaws.com.cn");
  // A certificate of *.s3… does not cover it.
  CHECK(at("s3://my.backups").url("a") == "https://s3.us-east-1.amazonaws.com/my.backups/a");
}

TEST_CASE("s3: an endpoint is taken from the URL, else from the settings") {
  const S3Settings settings{.endpoint = "https://minio.example:9000/"};
  CHECK(at("s3://backups/a", settings).url("k") == "https://minio.example:9000/backups/k");
  CHECK(at("s3://backups/a?endpoint=http://other:1", settings).url("k") ==
        "http://other:1/backups/k");
  CHECK(at("s3://backups?endpoint=http%3A%2F%2Fother%3A1&region=x-1").region == "x-1");
  CHECK(at("s3://backups?endpoint=[::1]:9000").url("k") == "http://[::1]:9000/backups/k");
}

TEST_CASE("s3: an endpoint without a scheme, as MinIO's variable has it, is plain HTTP") {
  CHECK(at("s3://backups", {.endpoint = "localhost:9000"}).server() == "http://localhost:9000");
  CHECK(at("s3://backups", {.endpoint = " 10.0.0.7:9000 "}).server() == "http://10.0.0.7:9000");
}

TEST_CASE("s3: where the bucket stands may be chosen") {
  S3Settings settings{.endpoint = "https://minio.example"};
  settings.addressing = S3Addressing::virtual_host;
  CHECK(at("s3://backups", settings).url("k") == "https://backups.minio.example/k");
  settings = {.addressing = S3Addressing::path};
  CHECK(at("s3://backups", settings).url("k") == "https://s3.us-east-1.amazonaws.com/backups/k");
}

TEST_CASE("s3: keys are encoded, the slashes between their parts are not") {
  const Address address = at("s3://backups?endpoint=http://h");
  CHECK(address.url("a b/ä/../c+d=e/") == "http://h/backups/a%20b/%C3%A4/../c%2Bd%3De/");
  CHECK(address.url("%2F?#&") == "http://h/backups/%252F%3F%23%26");
}

TEST_CASE("s3: this machine is known, for no proxy leads there") {
  for (const char* host : {"localhost", "localhost:9000", "127.0.0.1:1", "[::1]:9000"}) {
    CHECK(at("s3://backups", {.endpoint = host}).is_loopback());
  }
  for (const char* host : {"localhost.example", "10.0.0.1", "minio:9000"}) {
    CHECK_FALSE(at("s3://backups", {.endpoint = host}).is_loopback());
  }
}

TEST_CASE("s3: a URL that names no bucket is refused with what was expected") {
  CHECK(has(refusal("http://backups"), "s3://BUCKET was expected"));
  CHECK(has(refusal("s3://"), "bucket ''"));
  CHECK(has(refusal("s3://ab"), "'ab'"));
  CHECK(has(refusal("s3://" + std::string(64, 'b')), "3 to 63"));
  CHECK(has(refusal("s3://back ups"), "'back ups'"));
  CHECK(has(refusal("s3://backups/a/../b"), "prefix"));
  CHECK(has(refusal("s3://backups/a//b"), "prefix"));
  CHECK(has(refusal("s3://backups/\xff"), "UTF-8"));
  CHECK(has(refusal("s3://backups?versions=1"), "'?versions'"));
  CHECK(has(refusal("s3://backups?region=a/b"), "'a/b'"));
}

TEST_CASE("s3: an endpoint that is none is refused") {
  CHECK(has(refusal("s3://backups?endpoint=ftp://h"), "'ftp'"));
  CHECK(has(refusal("s3://backups?endpoint=http://"), "host ''"));
  CHECK(has(refusal("s3://backups?endpoint=http://h:0"), "'0'"));
  CHECK(has(refusal("s3://backups?endpoint=http://h:x"), "'x'"));
  CHECK(has(refusal("s3://backups?endpoint=http://h/path"), "'/path'"));
  CHECK(has(refusal("s3://backups?endpoint=http://h%0D%0Ax"), "host"));
}

TEST_CASE("s3: keys in a URL are refused and never shown") {
  for (const char* url : {"s3://key:hidden@backups", "s3://backups?endpoint=http://u:hidden@h"}) {
    CHECK_FALSE(has(refusal(url), "hidden"));
  }
}

TEST_CASE("s3: a query is sorted and encoded, and all names have their =") {
  CHECK(query_text({}).empty());
  CHECK(query_text({{"uploads", ""}}) == "uploads=");
  CHECK(query_text({{"prefix", "a/b c"}, {"list-type", "2"}, {"max-keys", "10"}}) ==
        "list-type=2&max-keys=10&prefix=a%2Fb%20c");
}

}  // namespace prism::s3
