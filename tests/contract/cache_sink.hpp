#pragma once

#include <memory>

#include <prism/cache/sink.hpp>

namespace prism::contract {

/// A cache of one driver for one test case, empty at first.
class SinkFixture {
 public:
  virtual ~SinkFixture() = default;

  /// Another connection to the same cache.
  virtual std::unique_ptr<cache::CacheSink> open() = 0;

  /// Whether readers see a rebuild only once it is committed; else each key by itself is seen as it
  /// was or as it was put.
  virtual bool whole_at_commit() const { return true; }
};

/// What every driver's cache must do; to be expanded as PRISM_FACT_STORE_CONTRACT is.
#define PRISM_CACHE_SINK_CONTRACT(CASE)                                                         \
  CASE(empty_cache, "a cache that was never built is empty")                                    \
  CASE(values_are_read_back, "values are read back as they were put, in the order of lineages") \
  CASE(families_are_told_apart, "families are told apart")                                      \
  CASE(meta_is_kept, "what a rebuild leaves beside the values is kept")                         \
  CASE(rebuild_without_commit, "a rebuild without commit leaves old values or those put")       \
  CASE(rebuild_begun_again, "a rebuild may be begun again")                                     \
  CASE(stale_keys_are_removed, "keys that were not put are removed at the commit")              \
  CASE(other_families_stay, "families that are not rebuilt stay as they are")                   \
  CASE(empty_rebuild, "a rebuild without values empties its families")                          \
  CASE(readers_during_a_rebuild, "readers see old values, or those put, until the commit")      \
  CASE(large_values, "values may have very many members")                                       \
  CASE(many_keys, "a family may have many keys")

#define PRISM_DECLARE_CHECK(check, words) void check(SinkFixture& fixture);
PRISM_CACHE_SINK_CONTRACT(PRISM_DECLARE_CHECK)
#undef PRISM_DECLARE_CHECK

}  // namespace prism::contract
