// Backups of buckets of MinIO, and what gets in their way.
#include <csignal>
#include <functional>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <prism/drivers/s3/listing.hpp>

#include "support/bucket.hpp"
#include "support/memory_artifacts.hpp"
#include "support/met_artifacts.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

/// Some 13 MB: small objects, and one that is sent in parts.
void fill(Bucket& bucket) {
  for (int i = 0; i < 60; ++i) {
    bucket.put("small/" + std::to_string(i), many_bytes(10'000, static_cast<std::uint64_t>(i) + 1),
               {{"x-amz-meta-number", std::to_string(i)}});
  }
  const std::string large = many_bytes(12 * kMiB);
  bucket.put("large", large, {{"x-amz-tagging", "a=1"}});
}

void wreck(Bucket& bucket) {
  bucket.remove("small/1");
  bucket.put("small/2", "other");
  bucket.put("newer", "1");
  std::string large = many_bytes(12 * kMiB);
  large[10 * kMiB] = static_cast<char>(large[10 * kMiB] ^ 1);
  bucket.put("large", large, {{"x-amz-tagging", "a=1"}});
}

/// A process that restores and dies in the midst of it.
void restore_and_die(Bucket& bucket, MemoryArtifacts& artifacts, std::size_t at) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      MetArtifacts met(artifacts, {.at = at}, [] { ::kill(::getpid(), SIGKILL); });
      bucket.open(true)->restore(met);
    } catch (...) {
    }
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
}

}  // namespace

TEST_CASE("fault: S3 target: a restore that is killed anywhere shows, and a rerun finishes it") {
  if (!has_service("PRISM_TEST_S3")) return;
  Bucket bucket;
  fill(bucket);
  const std::string before = bucket.state();
  MemoryArtifacts artifacts;
  bucket.open()->dump(artifacts);
  const std::size_t size = artifacts.content.at("tar").size();
  for (const std::size_t at : {std::size_t{100'000}, size / 5, size / 2, size - 1}) {
    CAPTURE(at);
    wreck(bucket);
    restore_and_die(bucket, artifacts, at);
    const auto words = bucket.open()->unfinished();
    REQUIRE(words);
    CHECK(words->find("did not come to its end") != std::string::npos);
    bucket.open(true)->restore(artifacts);
    CHECK_FALSE(bucket.open()->unfinished());
    CHECK(bucket.state() == before);
  }
  CHECK(s3::list_uploads(bucket.client(), "").empty());
}

TEST_CASE("fault: S3 target: the server goes away in the midst, and comes back for a rerun") {
  if (!has_service("PRISM_TEST_S3")) return;
  const PrivateServer own("minio");
  Quiet quiet;
  s3::ClientOptions options;
  options.settings.endpoint = own.value("PRISM_TEST_S3");
  options.settings.access_key = own.value("PRISM_TEST_S3_ACCESS_KEY");
  options.settings.secret_key = own.value("PRISM_TEST_S3_SECRET_KEY");
  options.settings.retry_time = std::chrono::seconds(1);
  const auto open = [&] {
    return s3::open_component({.url = "s3://away", .client = options}, quiet.log(), quiet.cancel());
  };
  Bucket source;
  fill(source);
  MemoryArtifacts artifacts;
  const auto content = source.open()->dump(artifacts);
  MetArtifacts met(artifacts, {.at = 5 * kMiB}, [&] { own.kill(); });
  const auto thrown = thrown_by([&] { open()->restore(met); });
  CHECK(thrown.code == ErrorCode::unavailable);
  CHECK(thrown.hint.find("the restore is unfinished") != std::string::npos);
  CHECK(thrown_by([&] { open()->unfinished(); }).code == ErrorCode::unavailable);
  own.restart();
  CHECK(open()->unfinished());
  open()->restore(artifacts);
  CHECK_FALSE(open()->unfinished());
  CHECK(open()->present(prism::backup::Look::counted)->counts == content.counts);
  MemoryArtifacts again;
  CHECK(open()->dump(again).counts == content.counts);
}

TEST_CASE("fault: S3 target: a wrong key is told as one") {
  if (!has_service("PRISM_TEST_S3")) return;
  Quiet quiet;
  auto options = minio_options();
  options.settings.secret_key = "wrong-secret";
  const auto target = s3::open_component({.url = "s3://any-bucket", .client = options}, quiet.log(),
                                         quiet.cancel());
  MemoryArtifacts artifacts;
  const auto thrown = thrown_by([&] { target->dump(artifacts); });
  CHECK(thrown.code == ErrorCode::permission);
  CHECK(thrown.message.find("wrong-secret") == std::string::npos);
}

TEST_CASE("fault: S3 target: artifacts that were cut or flipped are refused without a server") {
  if (!has_service("PRISM_TEST_S3")) return;
  Bucket bucket;
  fill(bucket);
  MemoryArtifacts artifacts;
  bucket.open()->dump(artifacts);
  const std::string whole = artifacts.content.at("tar");
  std::string& tar = artifacts.content.at("tar");
  std::uint64_t random = 20261121;
  for (int i = 0; i < 20; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    CAPTURE(random);
    tar = whole.substr(0, (random >> 16) % whole.size());
    CHECK(thrown_by([&] { bucket.open()->check(artifacts); }).code == ErrorCode::bad_data);
  }
  // The bytes of objects have their hash in the manifest; what the archive says of them must agree.
  for (const std::string words : {"user.s3.key=small/7", "x-amz-meta-number=7", "ustar"}) {
    CAPTURE(words);
    tar = whole;
    tar[tar.find(words) + 2] = '\0';
    CHECK(thrown_by([&] { bucket.open()->check(artifacts); }).code == ErrorCode::bad_data);
  }
}

}  // namespace prism::test
