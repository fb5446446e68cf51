#include <doctest/doctest.h>

#include <prism/cache/builder.hpp>
#include <prism/cache/dry_run_sink.hpp>

#include "fakes.hpp"

namespace prism::cache {
namespace {

/// A cache that was built, and a store that may change afterwards.
struct Bench {
  Bench() {
    facts.edges = {{2, 1}, {3, 2}, {4, 3}, {4, 9}};
    facts.memberships = {{1, 100}, {2, 100}, {2, 101}};
    build(sink);
  }

  void build(CacheSink& into, std::vector<Family> families = {kFamilies.begin(), kFamilies.end()}) {
    BuildOptions options;
    options.families = std::move(families);
    rebuild(facts, into, options, {log, cancel, progress});
  }

  fakes::MemoryFacts facts;
  fakes::MemorySink sink;
  Log log = fakes::quiet_log();
  Cancel cancel;
  NoProgress progress;
};

TEST_CASE("cache: a dry run over an up-to-date cache finds no difference") {
  Bench bench;
  DryRunSink dry(bench.sink);
  bench.build(dry);
  CHECK(dry.difference().differing() == 0);
  CHECK(dry.summary() == "0 of 9 keys differ");
}

TEST_CASE("cache: a dry run counts missing, changed and stale keys and writes nothing") {
  Bench bench;
  const auto before = bench.sink.values;
  bench.facts.memberships = {{2, 100}, {2, 102}, {7, 102}};
  DryRunSink dry(bench.sink);
  bench.build(dry);
  const Difference& facts = dry.difference(Family::facts);
  CHECK(facts.missing == 1);
  CHECK(facts.changed == 1);
  CHECK(facts.stale == 1);
  CHECK(facts.total == 3);
  CHECK(dry.summary() == "3 of 10 keys differ");
  CHECK(bench.sink.values == before);
  CHECK(bench.sink.last->generation == 1);
  CHECK(bench.sink.calls.size() == 2);
}

TEST_CASE("cache: the order of a lineage counts in a dry run, that of a set does not") {
  Bench bench;
  for (auto& [key, members] : bench.sink.values) std::reverse(members.begin(), members.end());
  DryRunSink dry(bench.sink);
  bench.build(dry);
  CHECK(dry.difference(Family::lineage).changed == 3);
  CHECK(dry.difference(Family::facts).differing() == 0);
  CHECK(dry.difference(Family::subtypes).differing() == 0);
}

TEST_CASE("cache: a dry run of one family looks at that family") {
  Bench bench;
  bench.facts.edges.clear();
  bench.facts.memberships.clear();
  DryRunSink dry(bench.sink);
  bench.build(dry, {Family::lineage});
  CHECK(dry.summary() == "3 of 3 keys differ");
  CHECK(dry.difference(Family::lineage).stale == 3);
}

TEST_CASE("cache: a dry run reads through") {
  Bench bench;
  DryRunSink dry(bench.sink);
  CHECK(dry.meta()->generation == 1);
  CHECK(dry.read(Family::facts, 2) == std::vector<Uid>{100, 101});
  CHECK(dry.keys(Family::facts) == 2);
  CHECK(dry.location() == "memory");
}

TEST_CASE("cache: families have names") {
  CHECK(family_name(Family::facts) == "facts");
  CHECK(family_name(Family::lineage) == "lineage");
  CHECK(family_name(Family::subtypes) == "subtypes");
}

}  // namespace
}  // namespace prism::cache
