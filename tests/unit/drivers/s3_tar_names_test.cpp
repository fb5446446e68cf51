#include <doctest/doctest.h>

#include <prism/drivers/s3/tar_names.hpp>

namespace prism::s3 {

TEST_CASE("S3: only keys that tar can't go astray with are names in an archive") {
  for (const std::string key : {"a", "a b", "ä/ö.txt", ".hidden", "...", "a/..b", "x=1", "~", "-x",
                                "trailing ", ".s3-key"}) {
    CAPTURE(key);
    CHECK(is_harmless(key));
  }
  for (const std::string key :
       {"", "/", "/a", "a/", "a//b", "..", "../a", "a/..", "a/../b", ".", "./a", "a/./b", "a\\b",
        "a\nb", "a\x01", "\x7f", "\xff", ".s3-keys", ".s3-keys/=a"}) {
    CAPTURE(key);
    CHECK_FALSE(is_harmless(key));
  }
  CHECK(is_harmless(std::string(255, 'a') + "/" + std::string(255, 'b')));
  CHECK_FALSE(is_harmless(std::string(256, 'a')));
}

TEST_CASE("S3: every other key has a harmless name of its own") {
  CHECK(escaped_name("../a b") == ".s3-keys/=..%2Fa%20b");
  CHECK(escaped_name("..") == ".s3-keys/=..");
  CHECK(escaped_name("") == ".s3-keys/=");
  CHECK(escaped_name("folder/") == ".s3-keys/=folder%2F");
  CHECK(escaped_name(std::string(254, 'a')) == ".s3-keys/=" + std::string(254, 'a'));
  const std::string hashed = escaped_name(std::string(255, 'a'));
  CHECK(hashed.starts_with(".s3-keys/sha256="));
  CHECK(hashed.size() == 80);
  CHECK(hashed != escaped_name(std::string(256, 'a')));
}

TEST_CASE("S3: a file is no folder in an archive") {
  TarNames names;
  CHECK(names.name_of("a") == "a");
  CHECK(names.name_of("a-") == "a-");
  CHECK(names.name_of("a/b") == ".s3-keys/=a%2Fb");
  CHECK(names.name_of("a/b/c") == ".s3-keys/=a%2Fb%2Fc");
  CHECK(names.name_of("a0") == "a0");
  CHECK(names.name_of("b//c") == ".s3-keys/=b%2F%2Fc");
  CHECK(names.name_of("c/") == ".s3-keys/=c%2F");
  CHECK(names.name_of("c/d") == "c/d");
}

TEST_CASE("S3: keys that come out of order are all escaped from then on") {
  TarNames names;
  CHECK(names.name_of("b/c") == "b/c");
  CHECK(names.name_of("b") == ".s3-keys/=b");
  CHECK(names.name_of("d") == ".s3-keys/=d");
}

}  // namespace prism::s3
