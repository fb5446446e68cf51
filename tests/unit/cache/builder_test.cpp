#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>
#include <unistd.h>

#include <prism/cache/builder.hpp>

#include "fakes.hpp"

namespace prism::cache {
namespace {

using fakes::MemorySink;
using Uids = std::vector<Uid>;
using Key = MemorySink::Key;

/// A store, a cache and all that a rebuild is told; the clock moves on by a second.
struct Bench {
  Bench() {
    options.clock = [this] { return std::chrono::system_clock::time_point(++seconds); };
    options.on_family = [this](Family family) { begun.push_back(family); };
    facts.edges = {{2, 1}, {3, 1}, {4, 3}, {4, 2}};
    facts.memberships = {{1, 100}, {1, 101}, {2, 100}, {2, 103}, {9, 500}};
  }

  BuildReport run() { return rebuild(facts, sink, options, {log, cancel, progress}); }

  fakes::MemoryFacts facts;
  MemorySink sink;
  BuildOptions options;
  std::chrono::seconds seconds{0};
  std::vector<Family> begun;
  Log log = fakes::quiet_log();
  Cancel cancel;
  fakes::RecordingProgress progress;
};

TEST_CASE("cache: a rebuild puts every family with ascending keys, then commits") {
  Bench bench;
  bench.run();
  CHECK(bench.sink.calls == std::vector<std::string>{"begin", "commit"});
  CHECK(bench.sink.put_keys == std::vector<Key>{{Family::facts, 1},
                                                {Family::facts, 2},
                                                {Family::facts, 9},
                                                {Family::lineage, 2},
                                                {Family::lineage, 3},
                                                {Family::lineage, 4},
                                                {Family::subtypes, 1},
                                                {Family::subtypes, 2},
                                                {Family::subtypes, 3}});
  CHECK(bench.sink.read(Family::facts, 2) == Uids{100, 103});
  CHECK(bench.sink.read(Family::lineage, 4) == Uids{4, 3, 2, 1});
  CHECK(bench.sink.read(Family::subtypes, 1) == Uids{2, 3, 4});
}

TEST_CASE("cache: a rebuild reports and records what it did") {
  Bench bench;
  const BuildReport report = bench.run();
  const Meta& meta = bench.sink.last.value();
  CHECK(meta.generation == 1);
  CHECK(meta.started == "1970-01-01T00:00:01Z");
  CHECK(meta.finished == "1970-01-01T00:00:02Z");
  CHECK(meta.watermark == 7);
  CHECK(meta.count(Family::facts).keys == 3);
  CHECK(meta.count(Family::facts).members == 5);
  CHECK(meta.count(Family::lineage).members == 8);
  CHECK(meta.count(Family::subtypes).members == 5);
  CHECK(report.meta.finished == meta.finished);
  CHECK(report.entities == 4);
  CHECK(report.edges == 4);
  CHECK(report.cyclic.empty());
  CHECK(report.inconsistent.empty());
  CHECK(bench.begun == std::vector<Family>(kFamilies.begin(), kFamilies.end()));
}

TEST_CASE("cache: each rebuild is a generation, and removes what has gone") {
  Bench bench;
  bench.run();
  bench.facts.memberships.pop_back();
  bench.facts.edges.clear();
  bench.facts.mark = 8;
  const BuildReport report = bench.run();
  CHECK(report.meta.generation == 2);
  CHECK(report.meta.watermark == 8);
  CHECK(bench.sink.keys(Family::facts) == 2);
  CHECK(bench.sink.keys(Family::lineage) == 0);
  CHECK(bench.sink.keys(Family::subtypes) == 0);
}

TEST_CASE("cache: progress is told for each family") {
  Bench bench;
  for (Uid uid = 1000; uid < 4000; ++uid) bench.facts.memberships.emplace_back(uid, 100);
  bench.run();
  CHECK(bench.progress.told ==
        std::vector<std::string>{"facts 0 entities", "lineage 3 entities", "subtypes 3 entities"});
  CHECK(bench.progress.advanced == std::vector<std::uint64_t>{3003, 3, 3});
  CHECK(bench.progress.ended == 3);
}

TEST_CASE("cache: a rebuild of some families leaves the others and their counts") {
  Bench bench;
  bench.run();
  bench.facts.edges.emplace_back(5, 4);
  bench.facts.memberships.clear();
  bench.facts.mark = 9;
  bench.facts.asked.clear();
  bench.options.families = {Family::subtypes, Family::lineage, Family::subtypes};
  const BuildReport report = bench.run();
  CHECK(bench.facts.asked == std::vector<std::string>{"specializations"});
  CHECK(bench.sink.begun == std::vector<Family>{Family::lineage, Family::subtypes});
  CHECK(report.meta.count(Family::facts).members == 5);
  CHECK(report.meta.count(Family::lineage).keys == 4);
  CHECK(bench.sink.read(Family::facts, 9) == Uids{500});
}

TEST_CASE("cache: the watermark of a rebuild of some families is that of the oldest") {
  Bench bench;
  bench.options.families = {Family::facts};
  CHECK(bench.run().meta.watermark == 0);
  CHECK(bench.facts.asked == std::vector<std::string>{"memberships"});
  bench.options.families = {kFamilies.begin(), kFamilies.end()};
  CHECK(bench.run().meta.watermark == 7);
  bench.facts.mark = 12;
  bench.options.families = {Family::subtypes};
  CHECK(bench.run().meta.watermark == 7);
}

TEST_CASE("cache: a rebuild of nothing is refused") {
  Bench bench;
  bench.options.families.clear();
  CHECK_THROWS_AS(bench.run(), Error);
  CHECK(bench.sink.calls.empty());
}

TEST_CASE("cache: an empty store makes an empty cache") {
  Bench bench;
  bench.facts.edges.clear();
  bench.facts.memberships.clear();
  const BuildReport report = bench.run();
  CHECK(bench.sink.put_keys.empty());
  CHECK(report.meta.generation == 1);
  CHECK(report.meta.count(Family::facts).keys == 0);
}

TEST_CASE("cache: a rebuild that is cancelled commits nothing") {
  for (const std::size_t puts : {1, 4, 7, 9}) {
    Bench bench;
    bench.sink.on_put = [&] {
      if (bench.sink.put_keys.size() + 1 == puts) bench.cancel.request(SIGINT);
    };
    CAPTURE(puts);
    CHECK_THROWS_AS(bench.run(), Error);
    CHECK(bench.sink.put_keys.size() == puts);
    CHECK(bench.sink.values.empty());
    CHECK(bench.progress.ended == static_cast<int>(bench.progress.told.size()));
  }
}

std::string log_of(Bench& bench) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("prism-builder-test-" + std::to_string(::getpid()) + ".log");
  LogOptions options;
  options.file = file;
  bench.log = Log(options);
  bench.run();
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  return text.str();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("cache: cycles and inconsistent orders are warned of by their UIDs") {
  Bench bench;
  bench.facts.edges = {{1, 2}, {2, 1}, {5, 4}, {6, 4}, {6, 5}};
  const std::string log = log_of(bench);
  CHECK(contains(log, "warning: 2 entities in a cycle of specializations"));
  CHECK(contains(log, "): 1, 2\n"));
  CHECK(contains(log, "warning: 1 entity whose supertypes have no consistent order"));
  CHECK(contains(log, "): 6\n"));
}

TEST_CASE("cache: the log names 20 entities, the report all") {
  Bench bench;
  bench.facts.edges.clear();
  for (Uid uid = 1; uid <= 25; ++uid) bench.facts.edges.emplace_back(uid, uid % 25 + 1);
  const std::string log = log_of(bench);
  CHECK(contains(log, ", 19, 20 and 5 more\n"));
  CHECK(bench.run().cyclic.size() == 25);
}

TEST_CASE("cache: a rebuild without cycles warns of nothing") {
  Bench bench;
  CHECK(log_of(bench).empty());
}

}  // namespace
}  // namespace prism::cache
