#include <csignal>

#include <doctest/doctest.h>

#include <prism/cache/subtypes.hpp>

#include "naive.hpp"

namespace prism::cache {
namespace {

using fakes::Ancestry;
using fakes::Edges;
using Uids = std::vector<Uid>;
using Found = std::vector<std::pair<Uid, Uids>>;

Found subtypes_of(Ancestry& family, std::size_t held = kSubtypesHeld) {
  Subtypes subtypes(family.taxonomy, family.lines, family.cancel);
  Found found;
  subtypes.each(
      [&](EntityIndex supertype, std::span<const Uid> members) {
        found.emplace_back(family.taxonomy.uid(supertype), Uids(members.begin(), members.end()));
      },
      held);
  CHECK(found.size() == subtypes.keys());
  return found;
}

TEST_CASE("cache: subtypes are direct and indirect, ascending, without the entity itself") {
  Ancestry family({{20, 10}, {30, 10}, {40, 30}, {40, 20}, {5, 40}});
  CHECK(subtypes_of(family) ==
        Found{{10, {5, 20, 30, 40}}, {20, {5, 40}}, {30, {5, 40}}, {40, {5}}});
}

TEST_CASE("cache: in a cycle each is a subtype of the others") {
  Ancestry family({{2, 3}, {3, 2}, {4, 4}, {5, 3}});
  CHECK(subtypes_of(family) == Found{{2, {3, 5}}, {3, {2, 5}}});
}

TEST_CASE("cache: subtypes do not depend on how many are held at once") {
  Ancestry family({{20, 10}, {30, 10}, {40, 30}, {40, 20}, {5, 40}, {50, 49}});
  const Found whole = subtypes_of(family);
  // 10 alone has 4 subtypes, all together have 10.
  for (const std::size_t held : {0, 1, 3, 4, 5, 6, 8, 9, 10, 11}) {
    CAPTURE(held);
    CHECK(subtypes_of(family, held) == whole);
  }
}

TEST_CASE("cache: a wide fan") {
  Edges edges;
  for (Uid uid = 2; uid <= 100000; ++uid) edges.emplace_back(uid, 1);
  Ancestry family(edges);
  const Found found = subtypes_of(family, 1000);
  REQUIRE(found.size() == 1);
  CHECK(found[0].second.size() == 99999);
}

TEST_CASE("cache: random graphs have the subtypes of a naive closure") {
  std::mt19937 random(1146);
  for (int round = 0; round < 300; ++round) {
    const Edges edges = fakes::random_edges(random, round % 2 == 1);
    Ancestry family(edges);
    fakes::Naive naive(edges);
    Found expected;
    for (const Uid uid : naive.entities) {
      if (auto subtypes = naive.subtypes(uid); !subtypes.empty()) {
        expected.emplace_back(uid, std::move(subtypes));
      }
    }
    CAPTURE(round);
    REQUIRE(subtypes_of(family, static_cast<std::size_t>(round % 13)) == expected);
  }
}

TEST_CASE("cache: an empty taxonomy has no subtypes") {
  Ancestry family({});
  CHECK(subtypes_of(family).empty());
}

TEST_CASE("cache: subtypes that are cancelled throw") {
  Ancestry family({{2, 1}, {3, 2}});
  Subtypes subtypes(family.taxonomy, family.lines, family.cancel);
  family.cancel.request(SIGTERM);
  CHECK_THROWS_AS(subtypes.each([](EntityIndex, std::span<const Uid>) {}), Error);
}

}  // namespace
}  // namespace prism::cache
