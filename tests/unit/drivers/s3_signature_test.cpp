#include <doctest/doctest.h>

#include <prism/base/sha256.hpp>
#include <prism/drivers/s3/signature.hpp>

namespace prism::s3 {
namespace {

/// Of the examples in "Signature Calculations for the Authorization Header" of Amazon's S3 API
/// Reference.
const Signer kSigner{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                     "us-east-1"};

std::string authorization(const SignedRequest& request) {
  return RequestSigner(kSigner).authorization(request);
}

std::string signature_of(const SignedRequest& request) {
  const std::string text = authorization(request);
  return text.substr(text.find("Signature=") + 10);
}

SignedRequest example(Parameters headers) {
  headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
  headers.emplace_back("x-amz-date", "20130524T000000Z");
  return {.method = "GET", .path = "/", .query = "", .headers = std::move(headers)};
}

}  // namespace

TEST_CASE("S3: signatures are those of Amazon's examples") {
  SignedRequest get = example({{"Range", "bytes=0-9"}, {"x-amz-content-sha256", sha256_hex("")}});
  get.path = "/test.txt";
  CHECK(signature_of(get) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  CHECK(authorization(get).starts_with(
      "AWS4-HMAC-SHA256 "
      "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
      "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "));

  SignedRequest put = example({{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                               {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                               {"x-amz-content-sha256", sha256_hex("Welcome to Amazon S3.")}});
  put.method = "PUT";
  put.path = "/test%24file.text";
  CHECK(signature_of(put) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");

  SignedRequest list = example({{"x-amz-content-sha256", sha256_hex("")}});
  list.query = query_text({{"prefix", "J"}, {"max-keys", "2"}});
  CHECK(signature_of(list) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST_CASE("S3: each day is signed with a key of its own") {
  const auto at = [](std::string time) {
    return SignedRequest{
        .method = "GET",
        .path = "/",
        .query = "",
        .headers = {{"x-amz-date", std::move(time)}, {"x-amz-content-sha256", sha256_hex("")}}};
  };
  RequestSigner signer(kSigner);
  for (const char* time : {"20130524T235959Z", "20130525T000000Z", "20130524T000000Z"}) {
    CHECK(signer.authorization(at(time)) == authorization(at(time)));
  }
}

TEST_CASE("S3: headers are signed by their names alone, and blanks in a row as one") {
  const auto headers = [](std::string two) {
    return example({{"x-amz-meta-a-b", "2"},
                    {"x-amz-meta-a", std::move(two)},
                    {"x-amz-meta-empty", ""},
                    {"x-amz-content-sha256", sha256_hex("")}});
  };
  const std::string text = authorization(headers("a  b "));
  CHECK(text.find("x-amz-date;x-amz-meta-a;x-amz-meta-a-b;x-amz-meta-empty,") != std::string::npos);
  CHECK(text == authorization(headers("a b")));
  CHECK(text != authorization(headers("ab")));
}

TEST_CASE("S3: the time of a signature has no separators") {
  CHECK(signature_time(std::chrono::system_clock::from_time_t(1369353600)) == "20130524T000000Z");
}

}  // namespace prism::s3
