#include "contract/cache_sink.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace prism::contract {

using cache::CacheSink;
using cache::Family;
using cache::kFamilies;
using cache::Meta;
using Uids = std::vector<Uid>;

namespace {

struct Entry {
  Family family;
  Uid entity;
  Uids members;
};

Meta meta_of(std::int64_t generation) {
  Meta meta{generation, "2026-11-21T10:00:00Z", "2026-11-21T10:00:09Z", 40 + generation, {}};
  meta.count(Family::facts) = {2, 5};
  meta.count(Family::lineage) = {3, 12'000'000'000};
  return meta;
}

void put_all(CacheSink& sink, const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) sink.put(entry.family, entry.entity, entry.members);
}

void rebuild(CacheSink& sink, std::span<const Family> families, const std::vector<Entry>& entries,
             std::int64_t generation = 1) {
  sink.begin(families);
  put_all(sink, entries);
  sink.commit(meta_of(generation));
}

/// A set in order; a lineage as it stands.
Uids members_of(CacheSink& sink, Family family, Uid entity) {
  Uids members = sink.read(family, entity);
  if (family != Family::lineage) std::sort(members.begin(), members.end());
  return members;
}

const std::vector<Entry> kSample{
    {Family::facts, 10, {1, 2, 3}},         {Family::facts, 20, {1, kGreatestUid}},
    {Family::lineage, 10, {10, 30, 20, 5}}, {Family::subtypes, 20, {10}},
    {Family::subtypes, 30, {10, 20}},
};

void check_sample(CacheSink& sink) {
  for (const Entry& entry : kSample) {
    CAPTURE(cache::family_name(entry.family));
    CAPTURE(entry.entity);
    CHECK(members_of(sink, entry.family, entry.entity) == entry.members);
  }
  CHECK(sink.keys(Family::facts) == 2);
  CHECK(sink.keys(Family::lineage) == 1);
  CHECK(sink.keys(Family::subtypes) == 2);
}

constexpr Family kFacts[] = {Family::facts};
constexpr Family kLineage[] = {Family::lineage};

}  // namespace

void empty_cache(SinkFixture& fixture) {
  const auto sink = fixture.open();
  CHECK_FALSE(sink->meta().has_value());
  CHECK_FALSE(sink->location().empty());
  for (const Family family : kFamilies) {
    CHECK(sink->keys(family) == 0);
    CHECK(sink->read(family, 1).empty());
  }
}

void values_are_read_back(SinkFixture& fixture) {
  const auto sink = fixture.open();
  rebuild(*sink, kFamilies, kSample);
  check_sample(*sink);
  check_sample(*fixture.open());
  CHECK(sink->read(Family::facts, 11).empty());
}

void families_are_told_apart(SinkFixture& fixture) {
  const auto sink = fixture.open();
  rebuild(*sink, kFamilies,
          {{Family::facts, 7, {1}}, {Family::lineage, 7, {7, 3}}, {Family::subtypes, 7, {2}}});
  CHECK(sink->read(Family::facts, 7) == Uids{1});
  CHECK(sink->read(Family::lineage, 7) == Uids{7, 3});
  CHECK(sink->read(Family::subtypes, 7) == Uids{2});
}

void meta_is_kept(SinkFixture& fixture) {
  const auto sink = fixture.open();
  rebuild(*sink, kFamilies, kSample, 1);
  rebuild(*sink, kFamilies, kSample, 2);
  const auto meta = fixture.open()->meta();
  REQUIRE(meta.has_value());
  CHECK(meta->generation == 2);
  CHECK(meta->started == "2026-11-21T10:00:00Z");
  CHECK(meta->finished == "2026-11-21T10:00:09Z");
  CHECK(meta->watermark == 42);
  CHECK(meta->count(Family::facts).keys == 2);
  CHECK(meta->count(Family::facts).members == 5);
  CHECK(meta->count(Family::lineage).members == 12'000'000'000);
  CHECK(meta->count(Family::subtypes).keys == 0);
}

void rebuild_without_commit(SinkFixture& fixture) {
  {
    const auto sink = fixture.open();
    sink->begin(kFamilies);
    put_all(*sink, kSample);
  }
  if (fixture.whole_at_commit()) {
    CHECK_FALSE(fixture.open()->meta().has_value());
    CHECK(fixture.open()->keys(Family::facts) == 0);
  } else {
    CHECK(fixture.open()->meta().value().generation == 0);
    CHECK_FALSE(fixture.open()->meta()->unfinished.empty());
  }
  rebuild(*fixture.open(), kFamilies, kSample);
  CHECK(fixture.open()->meta()->unfinished.empty());
  {
    const auto sink = fixture.open();
    sink->begin(kFamilies);
    sink->put(Family::facts, 10, Uids{1, 2, 3});
    sink->put(Family::facts, 20, Uids{99});
  }
  const auto sink = fixture.open();
  if (fixture.whole_at_commit()) {
    check_sample(*sink);
  } else {
    CHECK(members_of(*sink, Family::facts, 10) == Uids{1, 2, 3});
    CHECK((members_of(*sink, Family::facts, 20) == Uids{99} ||
           members_of(*sink, Family::facts, 20) == Uids{1, kGreatestUid}));
    CHECK(sink->read(Family::lineage, 10) == Uids{10, 30, 20, 5});
    CHECK(sink->keys(Family::subtypes) == 2);
  }
  CHECK(sink->meta()->generation == 1);
  CHECK(sink->meta()->unfinished.empty() == fixture.whole_at_commit());
}

void rebuild_begun_again(SinkFixture& fixture) {
  const auto sink = fixture.open();
  sink->begin(kFamilies);
  sink->put(Family::facts, 99, Uids{1});
  sink->put(Family::subtypes, 98, Uids{1});
  rebuild(*sink, kFamilies, kSample);
  check_sample(*fixture.open());
  sink->begin(kFacts);
  sink->put(Family::facts, 97, Uids{1});
  rebuild(*sink, kLineage, {{Family::lineage, 10, {10, 30, 20, 5}}}, 2);
  check_sample(*fixture.open());
}

void stale_keys_are_removed(SinkFixture& fixture) {
  const auto sink = fixture.open();
  rebuild(*sink, kFamilies, kSample);
  rebuild(*sink, kFamilies, {{Family::facts, 20, {4}}, {Family::subtypes, 31, {10}}}, 2);
  const auto other = fixture.open();
  CHECK(other->keys(Family::facts) == 1);
  CHECK(other->keys(Family::lineage) == 0);
  CHECK(other->keys(Family::subtypes) == 1);
  CHECK(other->read(Family::facts, 10).empty());
  CHECK(other->read(Family::facts, 20) == Uids{4});
  CHECK(other->read(Family::subtypes, 20).empty());
  CHECK(other->read(Family::subtypes, 31) == Uids{10});
}

void other_families_stay(SinkFixture& fixture) {
  const auto sink = fixture.open();
  rebuild(*sink, kFamilies, kSample);
  rebuild(*sink, kFacts, {{Family::facts, 11, {7}}}, 2);
  CHECK(sink->keys(Family::facts) == 1);
  CHECK(sink->read(Family::facts, 11) == Uids{7});
  CHECK(sink->read(Family::lineage, 10) == Uids{10, 30, 20, 5});
  CHECK(sink->keys(Family::subtypes) == 2);
  CHECK(sink->meta()->generation == 2);
}

void empty_rebuild(SinkFixture& fixture) {
  const auto sink = fixture.open();
  rebuild(*sink, kFamilies, kSample);
  rebuild(*sink, kFamilies, {}, 2);
  for (const Family family : kFamilies) CHECK(sink->keys(family) == 0);
  CHECK(sink->meta()->generation == 2);
}

void readers_during_a_rebuild(SinkFixture& fixture) {
  const auto sink = fixture.open();
  const auto reader = fixture.open();
  rebuild(*sink, kFamilies, kSample);
  sink->begin(kFamilies);
  check_sample(*reader);
  sink->put(Family::facts, 10, Uids{4});
  sink->put(Family::facts, 12, Uids{5});
  if (fixture.whole_at_commit()) {
    check_sample(*reader);
    CHECK(reader->read(Family::facts, 12).empty());
  } else {
    CHECK((members_of(*reader, Family::facts, 10) == Uids{4} ||
           members_of(*reader, Family::facts, 10) == Uids{1, 2, 3}));
    CHECK(members_of(*reader, Family::facts, 20) == Uids{1, kGreatestUid});
    CHECK(reader->read(Family::lineage, 10) == Uids{10, 30, 20, 5});
  }
  CHECK(reader->meta()->generation == 1);
  sink->commit(meta_of(2));
  CHECK(reader->read(Family::facts, 10) == Uids{4});
  CHECK(reader->keys(Family::facts) == 2);
  CHECK(reader->keys(Family::subtypes) == 0);
  CHECK(reader->read(Family::facts, 20).empty());
  CHECK(reader->meta()->generation == 2);
}

void large_values(SinkFixture& fixture) {
  constexpr Uid kMembers = 200'000;
  Uids members;
  for (Uid i = kMembers; i > 0; --i) members.push_back(kGreatestUid - i);
  Uids line{members.rbegin(), members.rend()};
  const auto sink = fixture.open();
  rebuild(*sink, kFamilies, {{Family::lineage, 1, line}, {Family::subtypes, 1, members}});
  CHECK(members_of(*sink, Family::subtypes, 1) == members);
  CHECK(sink->read(Family::lineage, 1) == line);
}

void many_keys(SinkFixture& fixture) {
  constexpr Uid kKeys = 3000;
  std::vector<Entry> entries;
  for (Uid i = 1; i <= kKeys; ++i) entries.push_back({Family::facts, i * 1000, {i, i + 1}});
  const auto sink = fixture.open();
  rebuild(*sink, kFacts, entries);
  CHECK(sink->keys(Family::facts) == kKeys);
  bool right = true;
  for (const Entry& entry : entries) {
    right = right && members_of(*sink, Family::facts, entry.entity) == entry.members;
  }
  CHECK(right);
}

}  // namespace prism::contract
