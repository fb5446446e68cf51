#include <doctest/doctest.h>

#include <prism/cache/sample_sink.hpp>

#include "unit/cache/fakes.hpp"

namespace prism::cache {
namespace {

using fakes::MemorySink;

/// 1000 keys of facts, and as many of lineage.
void put_all(CacheSink& sink) {
  sink.begin(kFamilies);
  for (Uid entity = 1; entity <= 1000; ++entity) sink.put(Family::facts, entity, {{entity, 5000}});
  for (Uid entity = 1; entity <= 1000; ++entity) {
    sink.put(Family::lineage, entity, {{entity, entity + 1}});
  }
  sink.commit({});
}

Sample sample_of(MemorySink& held, std::size_t keys = 100) {
  SampleSink sampled(held, keys);
  put_all(sampled);
  return sampled.sample();
}

}  // namespace

TEST_CASE("cache: a sample has so many keys of each family, or all that there are") {
  MemorySink held;
  put_all(held);
  held.calls.clear();
  CHECK(sample_of(held).compared == 200);
  CHECK(sample_of(held).differing == 0);
  CHECK(sample_of(held, 5000).compared == 2000);
  CHECK(held.calls.empty());
}

TEST_CASE("cache: a sample finds what is missing, other, or in another order") {
  MemorySink held;
  put_all(held);
  for (Uid entity = 1; entity <= 1000; ++entity)
    held.values[{Family::facts, entity}] = {5000, entity};
  CHECK(sample_of(held).differing == 0);
  for (Uid entity = 1; entity <= 1000; ++entity) {
    held.values[{Family::lineage, entity}] = {entity + 1, entity};
  }
  CHECK(sample_of(held).differing == 100);
  for (Uid entity = 1; entity <= 1000; entity += 2) held.values.erase({Family::facts, entity});
  const std::uint64_t differing = sample_of(held).differing;
  CHECK(differing > 130);
  CHECK(differing < 170);
  CHECK(sample_of(held).differing == differing);
}

}  // namespace prism::cache
