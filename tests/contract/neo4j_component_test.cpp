#include <doctest/doctest.h>

#include "contract/component.hpp"
#include "support/graph_data.hpp"
#include "support/memory_artifacts.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

class Neo4jTarget : public contract::ComponentFixture {
 public:
  Neo4jTarget() { test::fill_graph(graph_); }

  std::unique_ptr<backup::Component> open() override {
    return test::graph_target(graph_.url(), graph_.quiet());
  }
  std::string state() override { return test::graph_state(graph_); }
  void change() override { test::change_graph(graph_); }
  void remove() override { test::empty_graph(graph_); }

 private:
  test::Neo4jDatabase graph_;
};

/// Unlike a file, a database that holds nothing is there: it is dumped, and restored as empty.
void check_empty(contract::ComponentFixture& fixture) {
  fixture.remove();
  const auto empty = fixture.state();
  test::MemoryArtifacts artifacts;
  const backup::Counts none{{"nodes", 0}, {"relationships", 0}, {"constraints", 0}, {"indexes", 2}};
  CHECK(fixture.open()->dump(artifacts).counts == none);
  CHECK(fixture.open()->check(artifacts).counts == none);
  CHECK_FALSE(fixture.open()->present(prism::backup::Look::counted).has_value());
  fixture.change();
  REQUIRE(fixture.state() != empty);
  fixture.open()->restore(artifacts);
  CHECK(fixture.state() == empty);
}

void check(void (*check)(contract::ComponentFixture&)) {
  if (!test::has_service("PRISM_TEST_NEO4J")) return;
  Neo4jTarget fixture;
  check(fixture);
}

}  // namespace

// Not check_missing_target: a graph that is empty is no missing one, see check_empty. Not
// check_restore_of_what_is_damaged: a server with damaged data does not start.
#define PRISM_NEO4J_CASES(CASE)                                                               \
  CASE(contract::check_dump_and_restore, "dump, change, restore: all is as it was")           \
  CASE(contract::check_restore_of_what_is_gone, "what is gone comes back")                    \
  CASE(contract::check_counts, "target, dump, artifacts and restore are counted alike")       \
  CASE(contract::check_damaged_artifacts, "damaged artifacts are refused and change nothing") \
  CASE(check_empty, "an empty database is a target")

#define CASE(name, words) \
  TEST_CASE("contract: neo4j target: " words) { check(name); }
PRISM_NEO4J_CASES(CASE)
#undef CASE

}  // namespace prism
