#include "contract/cache_sink.hpp"

#include <doctest/doctest.h>

#include <prism/drivers/drivers.hpp>

#include "support/quiet.hpp"
#include "support/temporary.hpp"

namespace prism {
namespace {

class SqliteCache : public contract::SinkFixture {
 public:
  std::unique_ptr<cache::CacheSink> open() override {
    return drivers::open_cache({.url = (folder_ / "cache.db").string(), .access = Access::create},
                               quiet_.log(), quiet_.cancel());
  }

 private:
  test::Folder folder_;
  test::Quiet quiet_;
};

/// The cache lies in the store's own file.
class SqliteStoreAndCache : public contract::SinkFixture {
 public:
  SqliteStoreAndCache() {
    drivers::open_store(options(), quiet_.log(), quiet_.cancel())->migrate();
  }

  std::unique_ptr<cache::CacheSink> open() override {
    return drivers::open_cache(options(), quiet_.log(), quiet_.cancel());
  }

 private:
  drivers::OpenOptions options() const {
    return {.url = (folder_ / "prism.db").string(), .access = Access::create};
  }

  test::Folder folder_;
  test::Quiet quiet_;
};

}  // namespace

#define CASE(check, words)                              \
  TEST_CASE("contract: sqlite: cache: " words) {        \
    SqliteCache fixture;                                \
    contract::check(fixture);                           \
  }                                                     \
  TEST_CASE("contract: sqlite: in the store: " words) { \
    SqliteStoreAndCache fixture;                        \
    contract::check(fixture);                           \
  }
PRISM_CACHE_SINK_CONTRACT(CASE)
#undef CASE

}  // namespace prism
