#include <doctest/doctest.h>

#include "contract/repository.hpp"
#include "contract/wal_archive.hpp"
#include "support/s3.hpp"
#include "support/services.hpp"

namespace prism {
namespace {

class InBucket : public contract::RepositoryFixture {
 public:
  repository::Repository& repository() override { return place_.repository; }

 private:
  test::S3Place place_;
};

}  // namespace

#define CASE(check, words)                           \
  TEST_CASE("contract: S3 repository: " words) {     \
    if (!test::has_service("PRISM_TEST_S3")) return; \
    InBucket fixture;                                \
    contract::check(fixture);                        \
  }
PRISM_REPOSITORY_CONTRACT(CASE)
PRISM_WAL_ARCHIVE_CONTRACT(CASE)
#undef CASE

}  // namespace prism
