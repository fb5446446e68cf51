#include <doctest/doctest.h>

#include <prism/drivers/s3/bucket.hpp>

#include "contract/component.hpp"
#include "support/bucket.hpp"
#include "support/memory_artifacts.hpp"
#include "support/services.hpp"

namespace prism {
namespace {

using test::Bucket;
using test::kMiB;
using test::many_bytes;
using test::MemoryArtifacts;

const s3::Parameters kMuch{{"content-type", "text/csv; charset=utf-8"},
                           {"cache-control", "max-age=60"},
                           {"content-disposition", "attachment; filename=\"a b.csv\""},
                           {"content-encoding", "identity"},
                           {"content-language", "de-CH"},
                           {"expires", "Wed, 21 Oct 2026 07:28:00 GMT"},
                           {"x-amz-meta-a", "1"},
                           {"x-amz-meta-a-b", "sorted behind it"},
                           {"x-amz-meta-a1", "two  blanks"},
                           {"x-amz-meta-empty", ""},
                           {"x-amz-meta-umlaut", "ä"},
                           {"x-amz-tagging", "empty=&kind=a%20b&owner=%2B%3D%3A%40"}};

void fill(Bucket& bucket, const std::string& prefix) {
  std::uint64_t seed = 1;
  for (const std::string& key : test::odd_keys()) {
    bucket.put(prefix + key, many_bytes(seed * 100, seed), {{"x-amz-meta-key", "odd"}});
    ++seed;
  }
  bucket.put(prefix + "empty", "");
  bucket.put(prefix + "much", "said of it", kMuch);
  bucket.put(prefix + "tagged", "tags", {{"x-amz-tagging", "a=1"}});
  bucket.put(prefix + std::string(250, 'n') + "/" + std::string(250, 'n'), "long");
  bucket.put(prefix + "large", many_bytes(9 * kMiB + 1), kMuch);
}

/// A bucket, of which a restore leaves nothing that the backup lacks.
class WholeBucket : public contract::ComponentFixture {
 public:
  WholeBucket() { fill(bucket_, ""); }

  std::unique_ptr<backup::Component> open() override { return bucket_.open(true); }
  std::string state() override { return bucket_.state(); }
  void change() override {
    bucket_.put("plain", "of another length");
    bucket_.put("a b.csv", many_bytes(200, 99), {{"x-amz-meta-key", "odd"}});  // as long
    bucket_.put("tagged", "tags", {{"x-amz-tagging", "a=2"}});
    bucket_.put("empty", "", {{"x-amz-meta-new", "1"}});
    bucket_.remove("much");
    std::string large = many_bytes(9 * kMiB + 1);
    large.back() = static_cast<char>(large.back() ^ 1);
    bucket_.put("large", large, kMuch);
    bucket_.put("newer/one", "1");
  }
  void remove() override { bucket_.remove(); }

 private:
  Bucket bucket_;
};

/// A part of a bucket, beside others that nothing may happen to.
class PartOfBucket : public contract::ComponentFixture {
 public:
  PartOfBucket() : bucket_("app/data") {
    fill(bucket_, "app/data/");
    bucket_.put("app/database", "nor this");
    bucket_.put("other", "of others");
  }

  std::unique_ptr<backup::Component> open() override { return bucket_.open(true); }
  std::string state() override { return bucket_.state(); }
  void change() override {
    bucket_.remove("app/data/plain");
    bucket_.put("app/data/newer", "1");
  }
  void remove() override {
    for (const auto& [key, object] : bucket_.objects()) {
      if (key.starts_with("app/data/")) bucket_.remove(key);
    }
  }

 private:
  Bucket bucket_;
};

template <typename Target>
void check(void (*check)(contract::ComponentFixture&)) {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Target fixture;
  check(fixture);
}

}  // namespace

// A part of a bucket that is empty is there: not check_missing_target.
#define PRISM_S3_CASES(CASE)                                                  \
  CASE(check_dump_and_restore, "dump, change, restore: all is as it was")     \
  CASE(check_restore_of_what_is_gone, "what is gone comes back")              \
  CASE(check_counts, "target, dump, artifacts and restore are counted alike") \
  CASE(check_damaged_artifacts, "damaged artifacts are refused and change nothing")

#define CASE(name, words)                                                          \
  TEST_CASE("contract: S3 target: " words) { check<WholeBucket>(contract::name); } \
  TEST_CASE("contract: S3 target with a prefix: " words) { check<PartOfBucket>(contract::name); }
PRISM_S3_CASES(CASE)
#undef CASE

TEST_CASE("contract: S3 target: a bucket that is not there is no empty one") {
  check<WholeBucket>(contract::check_missing_target);
}

TEST_CASE("contract: S3 target: an empty bucket is a target") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Bucket bucket;
  MemoryArtifacts artifacts;
  const backup::Counts nothing{{"bytes", 0}, {"objects", 0}};
  CHECK_FALSE(bucket.open()->present(prism::backup::Look::counted));
  CHECK(bucket.open()->dump(artifacts).counts == nothing);
  CHECK(bucket.open()->check(artifacts).counts == nothing);
  bucket.put("newer", "1");
  bucket.open(true)->restore(artifacts);
  CHECK(bucket.state() == "");
}

TEST_CASE("contract: S3 target: without --exact others are not touched") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Bucket bucket;
  MemoryArtifacts artifacts;
  bucket.put("kept", "1");
  const auto content = bucket.open()->dump(artifacts);
  bucket.remove("kept");
  bucket.put("newer", "2", kMuch);
  CHECK(bucket.open()->restore(artifacts).counts == content.counts);
  const auto objects = bucket.objects();
  CHECK(objects.size() == 2);
  CHECK(objects.at("kept").bytes == "1");
  CHECK(objects.at("newer").bytes == "2");
}

TEST_CASE("contract: S3 target: the repository in the same bucket is no part of it") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Bucket bucket;
  MemoryArtifacts artifacts;
  const std::string repository = bucket.url() + "/backups";
  bucket.put("data", "1");
  bucket.put("backups/manifest.json", "{}");
  bucket.put("backups.txt", "2");
  const auto content = bucket.open(true, repository)->dump(artifacts);
  CHECK(content.counts.at("objects") == 2);
  CHECK(bucket.open(true, repository)->present(prism::backup::Look::counted)->counts ==
        content.counts);
  bucket.put("backups/later", "3");
  bucket.put("newer", "4");
  bucket.open(true, repository)->restore(artifacts);
  const auto objects = bucket.objects();
  CHECK(objects.size() == 4);
  CHECK(objects.contains("backups/later"));
  CHECK_FALSE(objects.contains("newer"));
}

TEST_CASE("contract: S3 target: of a bucket with versions the current ones are dumped") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  Bucket bucket;
  bucket.client().send({.method = "PUT",
                        .query = {{"versioning", ""}},
                        .body = "<VersioningConfiguration><Status>Enabled</Status>"
                                "</VersioningConfiguration>"});
  bucket.put("a", "old");
  bucket.put("a", "new");
  bucket.put("deleted", "1");
  bucket.remove("deleted");
  MemoryArtifacts artifacts;
  const auto content = bucket.open()->dump(artifacts);
  CHECK(content.counts == backup::Counts{{"bytes", 3}, {"objects", 1}});
}

TEST_CASE("contract: S3 target: 50,000 objects, one of them of 100 MB, come back") {
  if (!test::has_service("PRISM_TEST_S3")) return;
  constexpr std::size_t kObjects = 50'000;
  const auto key = [](std::size_t i) {
    return "many/" + std::to_string(i % 100) + "/" + std::to_string(i);
  };
  Bucket bucket;
  bucket.put_many(kObjects, key, [](std::size_t i) { return std::string(i % 4, 'x'); });
  const std::string large = many_bytes(100 * kMiB);
  bucket.put("large", large, kMuch);
  MemoryArtifacts artifacts;
  const auto content = bucket.open()->dump(artifacts);
  CHECK(content.counts.at("objects") == kObjects + 1);
  CHECK(content.counts.at("bytes") == kObjects / 4 * 6 + large.size());
  CHECK(bucket.open()->check(artifacts).counts == content.counts);
  for (std::size_t i = 0; i < kObjects; i += 997) bucket.remove(key(i));
  bucket.remove("large");
  CHECK(bucket.open()->restore(artifacts).counts == content.counts);
  CHECK(bucket.open()->present(prism::backup::Look::counted)->counts == content.counts);
  for (std::size_t i = 0; i < kObjects; i += 997) {
    CHECK(bucket.object(key(i)).bytes == std::string(i % 4, 'x'));
  }
  CHECK((bucket.object("large").bytes == large));
}

}  // namespace prism
