#include <csignal>

#include <doctest/doctest.h>

#include <prism/cache/linearization.hpp>

#include "naive.hpp"

namespace prism::cache {
namespace {

using fakes::Ancestry;
using fakes::Edges;
using Uids = std::vector<Uid>;

// The examples of "The Python 2.3 Method Resolution Order": O is 1, A to F are 11 to 16.
constexpr Uid O = 1, A = 11, B = 12, C = 13, D = 14, E = 15, F = 16;
const Edges kRoots{{F, O}, {E, O}, {D, O}};

Edges below_roots(const Edges& more) {
  Edges edges = kRoots;
  edges.insert(edges.end(), more.begin(), more.end());
  return edges;
}

TEST_CASE("cache: C3 as in Python's first example") {
  Ancestry family(below_roots({{C, D}, {C, F}, {B, D}, {B, E}, {A, B}, {A, C}}));
  CHECK(family.lineage(B) == Uids{B, D, E, O});
  CHECK(family.lineage(C) == Uids{C, D, F, O});
  CHECK(family.lineage(A) == Uids{A, B, C, D, E, F, O});
  CHECK(family.lines.inconsistent().empty());
}

TEST_CASE("cache: C3 as in Python's second example, where the parents of B change places") {
  Ancestry family(below_roots({{C, D}, {C, F}, {B, E}, {B, D}, {A, B}, {A, C}}));
  CHECK(family.lineage(B) == Uids{B, E, D, O});
  CHECK(family.lineage(A) == Uids{A, B, E, C, D, F, O});
}

TEST_CASE("cache: where C3 finds no order the lineage is breadth first and reported") {
  const Uid X = 21, Y = 22, Z = 23, below = 24, beside = 25;
  Ancestry family({{X, O},
                   {Y, O},
                   {A, X},
                   {A, Y},
                   {B, Y},
                   {B, X},
                   {Z, A},
                   {Z, B},
                   {below, Z},
                   {beside, Z},
                   {beside, 30}});
  CHECK(family.lines.inconsistent() == Uids{Z});
  CHECK(family.lines.cyclic().empty());
  CHECK(family.lineage(Z) == Uids{Z, A, B, X, Y, O});
  CHECK(family.lineage(below) == Uids{below, Z, A, B, X, Y, O});
  CHECK(family.lineage(beside) == Uids{beside, Z, A, B, X, Y, O, 30});
}

TEST_CASE("cache: a direct supertype that is named before its own subtype has no order") {
  Ancestry family({{A, O}, {B, O}, {B, A}});
  CHECK(family.lines.inconsistent() == Uids{B});
  CHECK(family.lineage(B) == Uids{B, O, A});
  Ancestry other({{A, O}, {B, A}, {B, O}});
  CHECK(other.lines.inconsistent().empty());
  CHECK(other.lineage(B) == Uids{B, A, O});
}

TEST_CASE("cache: the Dylan paper's pedalo") {
  // boat, day-boat, wheel-boat, engine-less, small-multihull, pedal-wheel-boat, small-catamaran
  const Uid boat = 1, day = 2, wheel = 3, engineless = 4, multihull = 5, pedal = 6, catamaran = 7;
  const Uid pedalo = 8;
  Ancestry family({{day, boat},
                   {wheel, boat},
                   {engineless, day},
                   {multihull, day},
                   {pedal, engineless},
                   {pedal, wheel},
                   {catamaran, multihull},
                   {pedalo, pedal},
                   {pedalo, catamaran}});
  CHECK(family.lineage(pedalo) ==
        Uids{pedalo, pedal, engineless, catamaran, multihull, day, wheel, boat});
}

TEST_CASE("cache: the top of a diamond comes last") {
  Ancestry family({{2, 1}, {3, 1}, {4, 3}, {4, 2}, {5, 4}});
  CHECK(family.lineage(5) == Uids{5, 4, 3, 2, 1});
  CHECK(family.lineage(1) == Uids{1});
}

TEST_CASE("cache: an edge to itself changes no lineage") {
  Ancestry family({{2, 2}, {2, 1}, {3, 2}});
  CHECK(family.lines.cyclic() == Uids{2});
  CHECK(family.lineage(3) == Uids{3, 2, 1});
}

TEST_CASE("cache: entities in a cycle have each other and what is above, breadth first") {
  Ancestry family({{2, 3}, {3, 2}, {3, 9}, {2, 8}, {5, 2}});
  CHECK(family.lines.cyclic() == Uids{2, 3});
  CHECK(family.lines.inconsistent().empty());
  CHECK(family.lineage(2) == Uids{2, 3, 8, 9});
  CHECK(family.lineage(3) == Uids{3, 2, 9, 8});
  CHECK(family.lineage(5) == Uids{5, 2, 3, 8, 9});
}

TEST_CASE("cache: below a cycle C3 goes on, and fails only on its own account") {
  Ancestry family({{2, 3}, {3, 4}, {4, 2}, {6, 2}, {6, 7}, {5, 2}, {5, 3}, {8, 5}});
  CHECK(family.lines.cyclic() == Uids{2, 3, 4});
  CHECK(family.lineage(6) == Uids{6, 2, 3, 4, 7});
  CHECK(family.lines.inconsistent() == Uids{5});
  CHECK(family.lineage(8) == Uids{8, 5, 2, 3, 4});
}

TEST_CASE("cache: a chain of 200,000 needs no recursion and stores no lists") {
  constexpr Uid kLength = 200000;
  Edges edges;
  for (Uid uid = 1; uid < kLength; ++uid) edges.emplace_back(uid, uid + 1);
  Ancestry family(edges);
  const Uids line = family.lineage(1);
  CHECK(line.size() == kLength);
  CHECK(line.back() == kLength);
  CHECK(family.lines.memory_bytes() <= 8 * kLength + 64);
}

TEST_CASE("cache: a cycle of 200,000 is one component") {
  constexpr Uid kLength = 200000;
  Edges edges;
  for (Uid uid = 1; uid <= kLength; ++uid) edges.emplace_back(uid, uid % kLength + 1);
  Ancestry family(edges);
  CHECK(family.lines.cyclic().size() == kLength);
  CHECK(family.lineage(5).size() == kLength);
  CHECK(family.lines.memory_bytes() <= 32 * kLength);
}

TEST_CASE("cache: two long lineages merge") {
  constexpr Uid kLength = 20000;
  Edges edges;
  for (Uid uid = 3; uid < kLength; ++uid) edges.emplace_back(uid, uid - 2);
  edges.emplace_back(kLength, kLength - 1);
  edges.emplace_back(kLength, kLength - 2);
  Ancestry family(edges);
  CHECK(family.lines.inconsistent().empty());
  CHECK(family.lineage(kLength).size() == kLength);
}

TEST_CASE("cache: 50,000 direct supertypes merge") {
  constexpr Uid kCount = 50000;
  Edges edges;
  for (Uid uid = 2; uid <= kCount; ++uid) edges.emplace_back(uid, 1);
  for (Uid uid = kCount; uid > 1; --uid) edges.emplace_back(kCount + 1, uid);
  Ancestry family(edges);
  const Uids line = family.lineage(kCount + 1);
  CHECK(line.size() == kCount + 1);
  CHECK(line[1] == kCount);
  CHECK(line.back() == 1);
}

TEST_CASE("cache: random graphs have the lineages of a naive C3") {
  std::mt19937 random(20240229);
  int cyclic = 0, inconsistent = 0;
  for (int round = 0; round < 600; ++round) {
    const Edges edges = fakes::random_edges(random, round % 2 == 1);
    Ancestry family(edges);
    fakes::Naive naive(edges);
    CAPTURE(round);
    REQUIRE(family.lines.cyclic() == Uids(naive.cyclic.begin(), naive.cyclic.end()));
    REQUIRE(family.lines.inconsistent() ==
            Uids(naive.inconsistent.begin(), naive.inconsistent.end()));
    for (const Uid uid : naive.entities) REQUIRE(family.lineage(uid) == naive.lineage(uid));
    cyclic += naive.cyclic.empty() ? 0 : 1;
    inconsistent += naive.inconsistent.empty() ? 0 : 1;
  }
  CHECK(cyclic > 50);
  CHECK(inconsistent > 50);
}

TEST_CASE("cache: a linearization that is cancelled throws") {
  const Taxonomy taxonomy = fakes::taxonomy_of({{2, 1}});
  Cancel cancel;
  cancel.request(SIGINT);
  CHECK_THROWS_AS(Linearization(taxonomy, cancel), Error);
}

}  // namespace
}  // namespace prism::cache
