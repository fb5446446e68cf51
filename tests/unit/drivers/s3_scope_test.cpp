#include <doctest/doctest.h>

#include <prism/drivers/s3/scope.hpp>

#include "support/thrown.hpp"

namespace prism::s3 {
namespace {

const config::S3Settings kSettings{.endpoint = "http://localhost:9000"};

Address address(const std::string& url) { return parse_address(url, kSettings); }

Scope scope(const std::string& target, const std::string& repository) {
  return {address(target), repository, kSettings};
}

}  // namespace

TEST_CASE("S3: a target is what lies below its prefix, without the repository and our records") {
  const Scope whole = scope("s3://data", "s3://data/backups");
  CHECK(whole.name_of("a/b") == "a/b");
  CHECK(whole.name_of("backups") == "backups");
  CHECK(whole.name_of("backups2/x") == "backups2/x");
  CHECK_FALSE(whole.name_of("backups/x"));
  CHECK_FALSE(whole.name_of(".prismctl-restore"));
  CHECK_FALSE(whole.name_of(".prismctl-scratch"));
  CHECK(whole.may_be_removed("a"));
  CHECK_FALSE(whole.may_be_removed("backups/x"));

  const Scope below = scope("s3://data/app", "s3://data/app/backups");
  CHECK(below.prefix() == "app/");
  CHECK(below.name_of("app/a") == "a");
  CHECK(below.name_of("app/") == "");
  CHECK_FALSE(below.name_of("application"));
  CHECK_FALSE(below.name_of("app/backups/x"));
  CHECK_FALSE(below.name_of("app/.prismctl-restore"));
}

TEST_CASE("S3: a repository elsewhere is none of a target") {
  for (const std::string repository : {"./backups", "", "s3://other/backups",
                                       "s3://data/backups?endpoint=http://localhost:9001"}) {
    CAPTURE(repository);
    CHECK(scope("s3://data", repository).name_of("backups/x") == "backups/x");
  }
  // By another name it may be the same server after all.
  CHECK_FALSE(scope("s3://data", "s3://data/backups?endpoint=http://minio:9000")
                  .may_be_removed("backups/x"));
  CHECK_FALSE(
      scope("s3://data", "s3://data/backups?endpoint=http://127.0.0.1:9000").name_of("backups/x"));
}

TEST_CASE("S3: a target in the repository is refused") {
  for (const std::string target : {"s3://data/backups", "s3://data/backups/deeper"}) {
    CAPTURE(target);
    const auto thrown = test::thrown_by([&] { scope(target, "s3://data/backups"); });
    CHECK(thrown.code == ErrorCode::configuration);
    CHECK(thrown.says("lies in the repository"));
  }
  CHECK(test::thrown_by([&] { scope("s3://data", "s3://data"); }).code == ErrorCode::configuration);
}

TEST_CASE("S3: servers are told apart by host and port") {
  const auto is_same = [](const std::string& a, const std::string& b) {
    return is_same_server(address("s3://data?endpoint=" + a), address("s3://data?endpoint=" + b));
  };
  CHECK(is_same("http://localhost:9000", "127.0.0.1:9000"));
  CHECK(is_same("http://minio", "http://MinIO:80"));
  CHECK(is_same("https://minio", "https://minio:443"));
  CHECK_FALSE(is_same("http://minio", "https://minio"));
  CHECK_FALSE(is_same("http://minio:9000", "http://minio:9001"));
  CHECK(overlap(address("s3://data"), address("s3://data/a")));
  CHECK(overlap(address("s3://data/a/b"), address("s3://data/a")));
  CHECK_FALSE(overlap(address("s3://data/a"), address("s3://data/ab")));
  CHECK_FALSE(overlap(address("s3://data"), address("s3://other")));
}

}  // namespace prism::s3
