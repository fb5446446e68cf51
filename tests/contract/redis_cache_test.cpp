#include <doctest/doctest.h>

#include "contract/cache_sink.hpp"
#include "support/redis.hpp"
#include "support/services.hpp"

namespace prism {
namespace {

class RedisCache : public contract::SinkFixture {
 public:
  explicit RedisCache(const std::string& variable, bool swap = false)
      : database_(variable), swap_(swap) {}

  std::unique_ptr<cache::CacheSink> open() override { return database_.open(swap_); }
  bool whole_at_commit() const override { return swap_; }

 private:
  test::RedisDatabase database_;
  bool swap_;
};

using Check = void (*)(contract::SinkFixture&);

void run(Check check, const std::string& variable, bool swap = false) {
  if (!test::has_service(variable)) return;
  RedisCache fixture(variable, swap);
  check(fixture);
}

}  // namespace

#define CASE(check, words)                                                                        \
  TEST_CASE("contract: redis: " words) { run(contract::check, "PRISM_TEST_REDIS"); }              \
  TEST_CASE("contract: redis: unix: " words) { run(contract::check, "PRISM_TEST_REDIS_SOCKET"); } \
  TEST_CASE("contract: redis: tls: " words) { run(contract::check, "PRISM_TEST_REDIS_TLS"); }     \
  TEST_CASE("contract: redis: acl: " words) { run(contract::check, "PRISM_TEST_REDIS_ACL"); }     \
  TEST_CASE("contract: redis: password alone: " words) {                                          \
    run(contract::check, "PRISM_TEST_REDIS_ACL_DEFAULT");                                         \
  }                                                                                               \
  TEST_CASE("contract: redis: without restore: " words) {                                         \
    run(contract::check, "PRISM_TEST_REDIS_ACL_NORESTORE");                                       \
  }                                                                                               \
  TEST_CASE("contract: redis: keys rlc only: " words) {                                           \
    run(contract::check, "PRISM_TEST_REDIS_ACL_RLC");                                             \
  }                                                                                               \
  TEST_CASE("contract: redis: sentinel: " words) {                                                \
    run(contract::check, "PRISM_TEST_REDIS_SENTINEL");                                            \
  }                                                                                               \
  TEST_CASE("contract: redis: cluster: " words) {                                                 \
    run(contract::check, "PRISM_TEST_REDIS_CLUSTER");                                             \
  }
PRISM_CACHE_SINK_CONTRACT(CASE)
#undef CASE

// A rebuild with --swap replaces all families, so these don't fit.
#define PRISM_SWAP_CONTRACT(CASE)                                                \
  CASE(empty_cache, "a cache that was never built is empty")                     \
  CASE(values_are_read_back, "values are read back as they were put")            \
  CASE(families_are_told_apart, "families are told apart")                       \
  CASE(meta_is_kept, "what a rebuild leaves beside the values is kept")          \
  CASE(rebuild_without_commit, "a rebuild without commit leaves the old values") \
  CASE(stale_keys_are_removed, "keys that were not put are gone at the commit")  \
  CASE(empty_rebuild, "a rebuild without values empties its families")           \
  CASE(readers_during_a_rebuild, "readers see the old values until the commit")  \
  CASE(large_values, "values may have very many members")

#define CASE(check, words) \
  TEST_CASE("contract: redis: swap: " words) { run(contract::check, "PRISM_TEST_REDIS", true); }
PRISM_SWAP_CONTRACT(CASE)
#undef CASE

}  // namespace prism
