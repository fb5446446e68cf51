#include <cstdlib>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/graph_data.hpp"
#include "support/paths.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace fs = std::filesystem;
namespace {

bool is_there() { return has_service("PRISM_TEST_NEO4J"); }

/// A system whose environment file names its graph and nothing else.
struct Scene {
  explicit Scene(const Neo4jDatabase& graph) : graph(graph) {
    fill_graph(graph);
    cli.write("system.env", "NEO4J_URI=" + graph.url() + "\n");
    fs::permissions(cli / "system.env", fs::perms::owner_read | fs::perms::owner_write);
  }

  Ended run(Words words) const {
    words.insert(words.end(),
                 {"--env-file", "system.env", "--repository", "backups", "--cache", "none"});
    return cli(words, {{"PATH", "/usr/bin:/bin"}});
  }

  void configure(const std::string& text) const {
    cli.write("prismctl.toml", "[targets.graph]\nurl = '" + graph.url() + "'\n" + text);
    fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  }

  const Neo4jDatabase& graph;
  Cli cli;
};

}  // namespace

TEST_CASE("cli: backup: a graph, by NEO4J_URI alone, and back") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  const Scene scene(graph);
  const std::string before = graph_state(graph);
  const Ended made = scene.run({"backup"});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(missing_in(made.out, {"graph: ", "complete"}) == "");
  CHECK(scene.run({"backup", "verify"}).code == 0);
  const Ended untested = scene.run({"backup", "verify", "--restore-test"});
  CHECK(untested.code == 1);
  CHECK(missing_in(untested.out, {"graph: not tested: ", "scratch"}) == "");

  change_graph(graph);
  REQUIRE(graph_state(graph) != before);
  CHECK(scene.run({"restore", "latest"}).code == 73);
  const Ended restored = scene.run({"restore", "latest", "--force"});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(missing_in(restored.out, {"what was there is kept as backup", "constraints 2"}) == "");
  CHECK(graph_state(graph) == before);

  scene.cli.write("system.env", "NEO4J_URI=bolt://neo4j:wrong@" +
                                    graph.url().substr(graph.url().find('@') + 1) + "\n");
  CHECK(scene.run({"restore", "latest", "--force"}).code == 77);
}

TEST_CASE(
    "cli: backup: a graph is tested on a scratch server, and dumped by the server's own tool") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  const PrivateServer own("neo4j");
  const Neo4jDatabase other(own);
  const Scene scene(graph);
  REQUIRE(scene.run({"backup"}).code == 0);
  scene.configure("scratch = '" + other.url() + "'\n");
  other.execute("CREATE (:Precious)");
  CHECK(scene.run({"backup", "verify", "--restore-test"}).code == 1);
  CHECK(other.integer("MATCH (n:Precious) RETURN count(n)") == 1);
  other.execute("MATCH (n:Precious) DELETE n");
  const Ended tested = scene.run({"backup", "verify", "--restore-test", "--json"});
  CAPTURE(tested.out);
  REQUIRE(tested.code == 0);
  CHECK(missing_in(tested.out, {"number of relationships", "digest of the nodes",
                                "digest of the relationships with their nodes",
                                "digest of the constraints and indexes"}) == "");
  CHECK(other.integer("MATCH (n) WHERE NOT n:PrismLock RETURN count(n)") == 0);

  const Scene offline(other);
  const std::string before = graph_state(other);
  const fs::path home = own.value("PRISM_TEST_NEO4J_HOME");
  // The jars lie below the home of who runs the tests.
  const char* const own_home = std::getenv("HOME");
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const std::string services =
      (own_home == nullptr ? "" : "HOME=" + std::string(own_home) + " ") +
      (cache == nullptr ? "" : "XDG_CACHE_HOME=" + std::string(cache) + " ") +
      services_script().string();
  const std::string on_server = " --dir " + home.parent_path().parent_path().string() + " neo4j";
  const std::string admin = own.value("PRISM_TEST_NEO4J_ADMIN");
  const std::string hooks = "before = '" + services + " kill --gently" + on_server +
                            "'\nafter = '" + services + " restart" + on_server + "'\n";
  const std::string load = "load_command = '" + admin +
                           " database load neo4j --from-stdin --overwrite-destination=true'\n";
  offline.configure("dump_command = '" + admin + " database dump neo4j --to-stdout'\n" + load);
  const Ended running = offline.run({"backup"});
  CHECK(running.code == 2);
  CHECK(missing_in(running.out, {"dump_command ended with 1", "Dump failed"}) == "");
  offline.configure("dump_command = '" + admin + " database dump neo4j --to-stdout'\n" + load +
                    hooks);
  const Ended made = offline.run({"backup"});
  CAPTURE(made.out);
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(offline.run({"backup", "verify"}).code == 0);
  change_graph(other);
  const Ended restored = offline.run({"restore", "latest", "--force", "--no-safety-copy"});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(graph_state(other) == before);

  // One that is down, such as for a broken store, is loaded all the same.
  change_graph(other);
  offline.configure("dump_command = '" + admin + " database dump neo4j --to-stdout'\n" + load);
  own.stop();
  CHECK(offline.run({"restore", "latest"}).code == 73);
  const Ended loaded = offline.run({"restore", "latest", "--force", "--no-safety-copy"});
  CAPTURE(loaded.err);
  CHECK(loaded.code == 1);
  CHECK(missing_in(loaded.err, {"target graph: restored, but "}) == "");
  own.restart();
  CHECK(graph_state(other) == before);
}

}  // namespace prism::test
