#include <csignal>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/scratch.hpp>

#include "support/graph_data.hpp"
#include "support/memory_artifacts.hpp"
#include "support/met_artifacts.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

bool is_there() { return has_service("PRISM_TEST_NEO4J"); }

std::unique_ptr<backup::ScratchTarget> scratch_at(const std::string& url, Quiet& quiet) {
  return neo4j::make_scratch_graph(
      {.connections = {.address = neo4j::parse_address(url), .settings = neo4j_settings()}},
      quiet.log(), quiet.cancel());
}

bool is_clean(const Neo4jDatabase& graph) {
  return graph.integer("MATCH (n) WHERE NOT n:PrismLock RETURN count(n)") == 0 &&
         graph.rows("SHOW CONSTRAINTS").empty();
}

MemoryArtifacts dump_of(const Neo4jDatabase& graph) {
  fill_graph(graph);
  MemoryArtifacts artifacts;
  graph_target(graph.url(), graph.quiet())->dump(artifacts);
  empty_graph(graph);
  return artifacts;
}

}  // namespace

TEST_CASE("fault: neo4j scratch: a restore test that is interrupted leaves nothing behind") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  MemoryArtifacts artifacts = dump_of(graph);
  for (const int reading : {2, 3}) {
    CAPTURE(reading);
    Quiet quiet;
    // Read once to see that it is sound, then to restore it, then to examine what was restored.
    MetArtifacts met(artifacts, {.reading = reading}, [&] { quiet.cancel().request(SIGINT); });
    const auto interrupted = thrown_by([&] {
      const auto scratch = scratch_at(graph.url(), quiet);
      scratch->component().restore(met);
      scratch->examine(met);
    });
    CHECK(interrupted.code == ErrorCode::interrupted);
    CHECK(is_clean(graph));
  }
}

TEST_CASE("fault: neo4j scratch: what a test has left that was killed is removed by the next one") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  MemoryArtifacts artifacts = dump_of(graph);
  {
    TcpProxy proxy(authority_of(graph.url()));
    const auto scratch = scratch_at(through(proxy, graph.url()), graph.quiet());
    scratch->component().restore(artifacts);
    for (const backup::Check& check : scratch->examine(artifacts).checks) CHECK(check.is_good());
    // As if it was killed: it can't remove anything any more.
    proxy.refuse();
    proxy.cut();
  }
  CHECK_FALSE(is_clean(graph));
  { const auto next = scratch_at(graph.url(), graph.quiet()); }
  CHECK(is_clean(graph));

  graph.execute("CREATE (:Precious)");
  CHECK(thrown_by([&] { scratch_at(graph.url(), graph.quiet()); }).code ==
        ErrorCode::configuration);
  CHECK(graph.integer("MATCH (n:Precious) RETURN count(n)") == 1);
}

}  // namespace prism::test
