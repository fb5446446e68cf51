#include <doctest/doctest.h>

#include <prism/cache/taxonomy.hpp>

#include "fakes.hpp"

namespace prism::cache {
namespace {

using fakes::taxonomy_of;

std::vector<Uid> parents(const Taxonomy& taxonomy, Uid uid) {
  std::vector<Uid> uids;
  for (const EntityIndex parent : taxonomy.parents(taxonomy.index(uid).value())) {
    uids.push_back(taxonomy.uid(parent));
  }
  return uids;
}

TEST_CASE("cache: a taxonomy holds both sides of every edge, parents in the order of facts") {
  const Taxonomy taxonomy = taxonomy_of({{30, 20}, {10, 40}, {30, 5}, {30, 40}});
  CHECK(taxonomy.size() == 5);
  CHECK(taxonomy.edges() == 4);
  CHECK(taxonomy.uid(0) == 5);
  CHECK(taxonomy.uid(4) == 40);
  CHECK(parents(taxonomy, 30) == std::vector<Uid>{20, 5, 40});
  CHECK(parents(taxonomy, 10) == std::vector<Uid>{40});
  CHECK(parents(taxonomy, 40).empty());
}

TEST_CASE("cache: an entity that is in no edge has no index") {
  const Taxonomy taxonomy = taxonomy_of({{30, 20}});
  CHECK(taxonomy.index(20) == 0U);
  CHECK(taxonomy.index(30) == 1U);
  for (const Uid uid : {1, 25, 31}) CHECK_FALSE(taxonomy.index(uid).has_value());
}

TEST_CASE("cache: of duplicate edges the first stands") {
  const Taxonomy taxonomy = taxonomy_of({{3, 9}, {3, 8}, {3, 9}, {2, 8}, {3, 7}, {3, 8}, {2, 8}});
  CHECK(taxonomy.edges() == 4);
  CHECK(parents(taxonomy, 3) == std::vector<Uid>{9, 8, 7});
  CHECK(parents(taxonomy, 2) == std::vector<Uid>{8});
}

TEST_CASE("cache: an edge to itself is reported once and left out") {
  const Taxonomy taxonomy = taxonomy_of({{6, 6}, {3, 3}, {3, 9}, {6, 6}});
  CHECK(taxonomy.own_subtypes() == std::vector<Uid>{3, 6});
  CHECK(taxonomy.size() == 3);
  CHECK(taxonomy.edges() == 1);
  CHECK(parents(taxonomy, 3) == std::vector<Uid>{9});
  CHECK(parents(taxonomy, 6).empty());
}

TEST_CASE("cache: no edges make an empty taxonomy") {
  const Taxonomy taxonomy = taxonomy_of({});
  CHECK(taxonomy.size() == 0);
  CHECK(taxonomy.edges() == 0);
  CHECK_FALSE(taxonomy.index(1).has_value());
}

TEST_CASE("cache: a taxonomy takes 12 bytes an entity and 4 bytes an edge") {
  fakes::Edges edges;
  for (Uid uid = 1; uid <= 100000; ++uid) {
    edges.emplace_back(uid, uid / 2);
    edges.emplace_back(uid, uid / 3);
  }
  const Taxonomy taxonomy = taxonomy_of(edges);
  CHECK(taxonomy.size() == 100001);
  CHECK(taxonomy.memory_bytes() <= 12 * (taxonomy.size() + 1) + 4 * taxonomy.edges());
}

TEST_CASE("cache: a taxonomy builder can be used again") {
  TaxonomyBuilder builder;
  builder.add(2, 1);
  CHECK(builder.build().size() == 2);
  builder.add(5, 4);
  const Taxonomy taxonomy = builder.build();
  CHECK(taxonomy.uid(0) == 4);
  CHECK(taxonomy.edges() == 1);
}

}  // namespace
}  // namespace prism::cache
