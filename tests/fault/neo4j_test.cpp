#include "support/neo4j.hpp"

#include <csignal>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

/// More than fit into one transaction.
constexpr std::int64_t kFacts = 11'000;
const Variables kSmallBatches{{"NEO4J_BATCH_SIZE", "500"}};

struct Scene {
  explicit Scene(bool with_new_uids = true) {
    cli.write("many.csv", many_facts(kFacts, with_new_uids));
    migrate();
  }

  void migrate() const { REQUIRE(cli({"migrate", "--store", graph.url()}).code == 0); }
  void start_over() const {
    graph.execute("MATCH (n) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS");
    graph.execute("CREATE (:PrismStore {name: 'store', version: 1, watermark: 0})");
  }

  Ended import(const std::string& url) const {
    return cli({"import", "many.csv", "--store", url, "--on-conflict", "update"}, kSmallBatches);
  }
  Ended import() const { return import(graph.url()); }
  Process begin_import(const std::string& via = "bolt") const {
    Variables variables = kSmallBatches;
    variables["PRISM_NEO4J_IMPORT_DIR"] = *service("PRISM_TEST_NEO4J_IMPORT_DIR");
    return Process(
        cli.launch({"import", "many.csv", "--via", via, "--store", graph.url()}, variables));
  }

  std::int64_t facts() const { return graph.integer("MATCH (f:Fact) RETURN count(f)"); }
  Json status() const { return cli.json({"status", "--store", graph.url()}); }

  Cli cli;
  Neo4jDatabase graph;
};

bool is_there() { return has_service("PRISM_TEST_NEO4J"); }

}  // namespace

TEST_CASE("fault: neo4j: a load that is killed at any moment is finished by the same again") {
  if (!is_there()) return;
  const Scene scene;
  REQUIRE(scene.import().code == 0);
  const GraphContent whole = scene.graph.content();
  REQUIRE(static_cast<std::int64_t>(whole.facts.size()) == kFacts);
  constexpr std::int64_t kMoments = 10;
  for (std::int64_t moment = 0; moment < kMoments; ++moment) {
    CAPTURE(moment);
    scene.start_over();
    Process import = scene.begin_import();
    REQUIRE(comes_true([&] { return scene.facts() > moment * kFacts / (kMoments + 1); }));
    import.send(SIGKILL);
    CHECK(import.wait().signal == SIGKILL);
    REQUIRE(scene.facts() < kFacts);
    const Json status = scene.status();
    CHECK(status.at("state") == "warning");
    CHECK(status.at("store").at("unfinished_load").is_string());
    const Ended again = scene.import();
    CAPTURE(again.err);
    CHECK(again.code == 0);
    CHECK(missing_in(again.out, {"11,000 facts inserted"}) == "");
    CHECK((scene.graph.content() == whole));
    CHECK(scene.status().at("store").at("unfinished_load").is_null());
  }
}

TEST_CASE("fault: neo4j: a load by LOAD CSV that is killed is finished by any way, or taken out") {
  if (!is_there()) return;
  const Scene scene;
  REQUIRE(scene.import().code == 0);
  const GraphContent whole = scene.graph.content();
  for (const std::int64_t part : {1, 4000, 9000}) {
    CAPTURE(part);
    scene.start_over();
    Process import = scene.begin_import("load-csv");
    REQUIRE(comes_true([&] { return scene.facts() >= part; }));
    import.send(SIGKILL);
    CHECK(import.wait().signal == SIGKILL);
    CHECK(scene.status().at("store").at("unfinished_load").is_string());
    if (part == 4000) {
      CHECK(scene.cli({"import", "--abort", "--store", scene.graph.url()}).code == 0);
      CHECK((scene.graph.content() == GraphContent()));
      continue;
    }
    const Ended again = part == 1 ? scene.begin_import("load-csv").wait() : scene.import();
    CAPTURE(again.err);
    CHECK(again.code == 0);
    CHECK(missing_in(again.out, {"11,000 facts inserted"}) == "");
    CHECK((scene.graph.content() == whole));
  }
}

TEST_CASE("fault: neo4j: --abort takes a load out again that was killed") {
  if (!is_there()) return;
  const Scene scene;
  scene.cli.write("before.csv", table({"1,600,1146,700", "900000001,601,1146,700"}));
  REQUIRE(scene.cli({"import", "before.csv", "--store", scene.graph.url()}).code == 0);
  const GraphContent before = scene.graph.content();
  for (const std::int64_t part : {1, 5000}) {
    Process import = scene.begin_import();
    REQUIRE(comes_true([&] { return scene.facts() > part + 2; }));
    import.send(SIGKILL);
    import.wait();
    const Ended other = scene.cli({"import", "before.csv", "--store", scene.graph.url()});
    CHECK(other.code == 73);
    CHECK(missing_in(other.err, {"cut off half-way", "import --abort"}) == "");
    const Ended aborted = scene.cli({"import", "--abort", "--store", scene.graph.url()});
    CAPTURE(aborted.err);
    CHECK(aborted.code == 0);
    CHECK((scene.graph.content() == before));
    CHECK(scene.status().at("store").at("unfinished_load").is_null());
  }
}

TEST_CASE("fault: neo4j: an update of many facts is taken out again with what they were before") {
  if (!is_there()) return;
  const Scene scene;
  REQUIRE(scene.import().code == 0);
  const GraphContent before = scene.graph.content();
  scene.graph.execute("MATCH (f:Fact) SET f.lh_object_name = 'changed', f.remarks = 'changed'");
  const GraphContent changed = scene.graph.content();
  Process import(scene.cli.launch(
      {"import", "many.csv", "--store", scene.graph.url(), "--on-conflict", "update"},
      kSmallBatches));
  REQUIRE(comes_true(
      [&] { return scene.graph.integer("MATCH (o:PrismOldFact) RETURN count(o)") > 2000; }));
  import.send(SIGKILL);
  import.wait();
  CHECK(scene.cli({"import", "--abort", "--store", scene.graph.url()}).code == 0);
  CHECK((scene.graph.content() == changed));
  CHECK(scene.import().code == 0);
}

TEST_CASE("fault: neo4j: a connection that is cut loses nothing") {
  if (!is_there()) return;
  const Scene scene(false);  // of new UIDs some would be lost with a try
  TcpProxy proxy(authority_of(scene.graph.url()));
  REQUIRE(scene.import().code == 0);
  const GraphContent whole = scene.graph.content();
  for (const std::uint64_t bytes : {1'000, 200'000, 900'000, 1'500'000}) {
    CAPTURE(bytes);
    scene.start_over();
    proxy.cut_after(TcpProxy::to_server, bytes);
    const Ended cut = scene.import(through(proxy, scene.graph.url()));
    proxy.forward();
    CAPTURE(cut.err);
    if (cut.code != 0) {
      CHECK(cut.code == 69);
      CHECK(scene.import().code == 0);
    }
    CHECK((scene.graph.content() == whole));
  }
}

}  // namespace prism::test
