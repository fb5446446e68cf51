#include "support/neo4j.hpp"

#include <csignal>
#include <functional>
#include <thread>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"

namespace prism::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// More than fit into one transaction.
constexpr std::int64_t kFacts = 11'000;
const Variables kSmallBatches{{"NEO4J_BATCH_SIZE", "500"}};

bool comes_true(const std::function<bool()>& condition) {
  const auto until = Clock::now() + std::chrono::seconds(60);
  while (Clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return false;
}

/// All that a graph says of facts and entities, and what it remembers of a load.
struct Content {
  std::vector<neo4j::List> facts, entities, notes;
  bool operator==(const Content&) const = default;
};

Content content_of(const Neo4jDatabase& graph) {
  return {graph.rows("MATCH (f:Fact) RETURN f.fact_uid AS uid, properties(f), "
                     "[(e:Entity)-[:role]->(f) | e.uid], [(f)-[:role]->(e:Entity) | e.uid], "
                     "COUNT { (f)--() } ORDER BY uid"),
          graph.rows("MATCH (e:Entity) RETURN e.uid AS uid, properties(e), COUNT { (e)--() } "
                     "ORDER BY uid"),
          graph.rows("MATCH (n) WHERE n:PrismLoadPart OR n:PrismOldFact OR n:PrismBlankUid "
                     "OR n:PrismTemporaryUid RETURN labels(n), n.uid ORDER BY n.uid")};
}

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
  Process begin_import() const {
    return Process(cli.launch({"import", "many.csv", "--store", graph.url()}, kSmallBatches));
  }

  std::int64_t facts() const { return graph.integer("MATCH (f:Fact) RETURN count(f)"); }
  Json status() const { return cli.json({"status", "--store", graph.url()}); }

  Cli cli;
  Neo4jDatabase graph;
};

bool is_there() { return has_service("PRISM_TEST_NEO4J"); }

std::string through(const TcpProxy& proxy, std::string url) {
  const auto begin = url.find('@') + 1;
  return url.replace(begin, url.find('/', begin) - begin, proxy.address());
}

std::string authority_of(const std::string& url) {
  const auto begin = url.find('@') + 1;
  return url.substr(begin, url.find('/', begin) - begin);
}

}  // namespace

TEST_CASE("fault: neo4j: a load that is killed at any moment is finished by the same again") {
  if (!is_there()) return;
  const Scene scene;
  REQUIRE(scene.import().code == 0);
  const Content whole = content_of(scene.graph);
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
    CHECK((content_of(scene.graph) == whole));
    CHECK(scene.status().at("store").at("unfinished_load").is_null());
  }
}

TEST_CASE("fault: neo4j: --abort takes a load out again that was killed") {
  if (!is_there()) return;
  const Scene scene;
  scene.cli.write("before.csv", table({"1,600,1146,700", "900000001,601,1146,700"}));
  REQUIRE(scene.cli({"import", "before.csv", "--store", scene.graph.url()}).code == 0);
  const Content before = content_of(scene.graph);
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
    CHECK((content_of(scene.graph) == before));
    CHECK(scene.status().at("store").at("unfinished_load").is_null());
  }
}

TEST_CASE("fault: neo4j: an update of many facts is taken out again with what they were before") {
  if (!is_there()) return;
  const Scene scene;
  REQUIRE(scene.import().code == 0);
  const Content before = content_of(scene.graph);
  scene.graph.execute("MATCH (f:Fact) SET f.lh_object_name = 'changed', f.remarks = 'changed'");
  const Content changed = content_of(scene.graph);
  Process import(scene.cli.launch(
      {"import", "many.csv", "--store", scene.graph.url(), "--on-conflict", "update"},
      kSmallBatches));
  REQUIRE(comes_true(
      [&] { return scene.graph.integer("MATCH (o:PrismOldFact) RETURN count(o)") > 2000; }));
  import.send(SIGKILL);
  import.wait();
  CHECK(scene.cli({"import", "--abort", "--store", scene.graph.url()}).code == 0);
  CHECK((content_of(scene.graph) == changed));
  CHECK(scene.import().code == 0);
}

TEST_CASE("fault: neo4j: a connection that is cut loses nothing") {
  if (!is_there()) return;
  const Scene scene(false);  // of new UIDs some would be lost with a try
  TcpProxy proxy(authority_of(scene.graph.url()));
  REQUIRE(scene.import().code == 0);
  const Content whole = content_of(scene.graph);
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
    CHECK((content_of(scene.graph) == whole));
  }
}

}  // namespace prism::test
