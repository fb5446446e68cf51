#include <algorithm>
#include <csignal>
#include <functional>
#include <optional>
#include <utility>

#include <doctest/doctest.h>

#include <prism/drivers/neo4j/graph_lines.hpp>
#include <prism/drivers/neo4j/packer.hpp>

#include "cli/cli.hpp"
#include "support/graph_data.hpp"
#include "support/memory_artifacts.hpp"
#include "support/met_artifacts.hpp"
#include "support/services.hpp"
#include "support/tcp_proxy.hpp"
#include "support/thrown.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

bool is_there() { return has_service("PRISM_TEST_NEO4J"); }

/// Calls something for each block of a dump.
class Watched : public backup::ArtifactWriter {
 public:
  explicit Watched(std::function<void()> meet) : meet_(std::move(meet)) {}
  std::unique_ptr<ByteSink> create(const std::string& name) override {
    return std::make_unique<Sink>(artifacts.create(name), meet_);
  }

  MemoryArtifacts artifacts;

 private:
  class Sink : public ByteSink {
   public:
    Sink(std::unique_ptr<ByteSink> next, const std::function<void()>& meet)
        : next_(std::move(next)), meet_(meet) {}
    void write(std::string_view bytes) override {
      next_->write(bytes);
      meet_();
    }
    void finish() override { next_->finish(); }

   private:
    std::unique_ptr<ByteSink> next_;
    const std::function<void()>& meet_;
  };

  std::function<void()> meet_;
};

std::size_t count_of(const std::string& text, std::string_view words) {
  std::size_t count = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

/// A dump of two nodes of which two properties must be unique, but one is not.
MemoryArtifacts broken_graph(backup::Component& empty, bool changed) {
  const auto constraint = [](const std::string& name) {
    return R"({"constraint":")" + name + R"(","type":"UNIQUENESS","entity":"NODE",)" +
           R"("names":["Book"],"properties":[")" + name +
           R"("],"value_type":"","provider":"range-1.0","config":{}})" + "\n";
  };
  const auto node = [](const std::string& number) {
    return R"({"node":)" + number + R"(,"labels":["Book"],"properties":{"isbn":1,"place":)" +
           number + "}}\n";
  };
  MemoryArtifacts artifacts;
  empty.dump(artifacts);
  std::string& lines = artifacts.content[neo4j::kGraphArtifact];
  // The indexes that every graph has stay.
  lines.erase(lines.find(R"({"end")"));
  lines += constraint("isbn") + constraint("place") + node("1") + node("2");
  neo4j::append_end(lines, {2, 0, 2, 2, changed});
  return artifacts;
}

}  // namespace

TEST_CASE("fault: neo4j target: a dump begins again when something is committed meanwhile") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  fill_graph(graph);
  const auto target = graph_target(graph.url(), graph.quiet());
  int blocks = 0;
  Watched once([&] {
    // The first is the line that all attempts have in common.
    if (++blocks == 2) graph.execute("CREATE (:New)-[:TO]->(:New)");
  });
  const auto content = target->dump(once);
  CHECK(content.remarks.empty());
  CHECK(content.counts == target->present(prism::backup::Look::counted)->counts);
  CHECK(target->check(once.artifacts).counts == content.counts);
  CHECK(count_of(once.artifacts.content["graph.jsonl"], "{\"again\":2}\n") == 1);
  const std::string state = graph_state(graph);
  empty_graph(graph);
  target->restore(once.artifacts);
  CHECK(graph_state(graph) == state);

  Watched always([&] { graph.execute("CREATE (:New)-[:TO]->(:New)"); });
  const auto changed = target->dump(always);
  REQUIRE_FALSE(changed.remarks.empty());
  CHECK(changed.remarks[0].find("changed all the time") != std::string::npos);
  CHECK(count_of(always.artifacts.content["graph.jsonl"], "{\"again\":") == 2);
  CHECK(target->check(always.artifacts).counts == changed.counts);
  CHECK(target->restore(always.artifacts).counts == changed.counts);
  CHECK(target->present(prism::backup::Look::counted)->counts == changed.counts);
}

TEST_CASE(
    "fault: neo4j target: a constraint that a graph breaks which was changed is left out of it") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  const auto target = graph_target(graph.url(), graph.quiet());
  MemoryArtifacts unchanged = broken_graph(*target, false);
  MemoryArtifacts artifacts = broken_graph(*target, true);
  for (int time = 1; time <= 2; ++time) {
    const auto content = target->restore(artifacts);
    CHECK(content.counts == target->check(artifacts).counts);
    REQUIRE(content.left_out.size() == 1);
    CHECK(content.left_out[0].starts_with("the constraint 'isbn': "));
    CHECK_FALSE(target->unfinished());
    CHECK(graph.integer("MATCH (n:Book) RETURN count(n)") == 2);
    CHECK(*graph.value("SHOW CONSTRAINTS YIELD name RETURN collect(name)").get<neo4j::List>() ==
          neo4j::List{"place"});
    const Thrown told = thrown_by([&] { target->present(prism::backup::Look::glance); });
    CHECK(told.code == ErrorCode::critical);
    CHECK(told.says("all nodes and relationships are there, but not the constraint 'isbn'"));
  }
  CHECK(graph_target(graph.url(), graph.quiet())->present(prism::backup::Look::glance));

  CHECK(thrown_by([&] { target->restore(unchanged); }).code == ErrorCode::bad_data);
  CHECK(target->unfinished());
  CHECK(target->present(prism::backup::Look::glance));
}

TEST_CASE("fault: neo4j target: what a dump leaves out is told as such") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  graph.execute("CREATE (:PrismLock {name: 'run'})<-[:OF]-(:Book)-[:IN]->(:Shelf)");
  const auto target = graph_target(graph.url(), graph.quiet());
  MemoryArtifacts artifacts;
  const auto content = target->dump(artifacts);
  CHECK(content.remarks.empty());
  REQUIRE(content.left_out.size() == 1);
  CHECK(content.left_out[0] == "1 relationships of nodes that are not dumped");
}

TEST_CASE("fault: neo4j target: a wrong password, and a server that is not there") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  const std::string at = "@" + authority_of(graph.url());
  const auto wrong = graph_target("bolt://neo4j:wrong-password" + at, graph.quiet());
  MemoryArtifacts artifacts;
  CHECK(thrown_by([&] { wrong->present(prism::backup::Look::counted); }).code ==
        ErrorCode::permission);
  CHECK(thrown_by([&] { wrong->dump(artifacts); }).code == ErrorCode::permission);
  CHECK(artifacts.content.empty());
  const auto nobody = graph_target("bolt://127.0.0.1:1", graph.quiet());
  CHECK(thrown_by([&] { nobody->dump(artifacts); }).code == ErrorCode::unavailable);
}

TEST_CASE("fault: neo4j target: a dump and a restore that are cut off") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  fill_graph(graph);
  TcpProxy proxy(authority_of(graph.url()));
  const auto target = graph_target(graph.url(), graph.quiet());
  const auto cut_target = [&] { return graph_target(through(proxy, graph.url()), graph.quiet()); };
  for (const std::uint64_t bytes : {20'000U, 150'000U}) {
    CAPTURE(bytes);
    proxy.cut_after(TcpProxy::to_client, bytes);
    MemoryArtifacts part;
    CHECK(thrown_by([&] { cut_target()->dump(part); }).code == ErrorCode::unavailable);
    CHECK(thrown_by([&] { target->check(part); }).code == ErrorCode::bad_data);
  }
  MemoryArtifacts artifacts;
  target->dump(artifacts);
  const std::string before = graph_state(graph);
  proxy.forward();
  const auto begin = proxy.counts().forwarded[TcpProxy::to_server];
  cut_target()->restore(artifacts);
  const auto whole = proxy.counts().forwarded[TcpProxy::to_server] - begin;
  for (const std::uint64_t bytes : {whole / 2, whole - 3'000}) {
    CAPTURE(bytes);
    proxy.cut_after(TcpProxy::to_server, bytes);
    std::optional<Error> cut;
    try {
      cut_target()->restore(artifacts);
    } catch (const Error& e) {
      cut = e;
    }
    proxy.forward();
    if (cut) {
      CHECK(cut->code() == ErrorCode::unavailable);
      CHECK(cut->hint().find("the same again finishes it") != std::string::npos);
      REQUIRE(target->unfinished());
      CHECK(target->unfinished()->find("did not come to its end") != std::string::npos);
      MemoryArtifacts halfway;
      const auto content = target->dump(halfway);
      CHECK_FALSE(content.remarks.empty());
      CHECK(count_of(halfway.content["graph.jsonl"], "PrismRestore") == 0);
      target->restore(artifacts);
    }
    CHECK_FALSE(target->unfinished());
    CHECK(graph_state(graph) == before);
  }
}

TEST_CASE(
    "fault: neo4j target: a restore that is killed shows in status, and a rerun finishes it") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  const Cli cli;
  fill_graph(graph);
  graph.execute("UNWIND range(1, 20000) AS i CREATE (:Filler {i: i})-[:NEXT {i: i}]->(:Filler)");
  const std::string before = graph_state(graph);
  cli.write("base.csv", table({"5001,6001,1146,7000"}));
  REQUIRE(cli({"seed", "base.csv", "--store", "facts.db", "--cache", "none"}).code == 0);
  const Words more{"--repository", "backups", "--store", "facts.db", "--cache", "none"};
  const Variables variables{{"NEO4J_URI", graph.url()}, {"NEO4J_BATCH_SIZE", "200"}};
  const auto words = [&](Words first) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
  };
  const Words restore =
      words({"restore", "latest", "--target", "graph", "--force", "--no-safety-copy"});
  REQUIRE(cli(words({"backup"}), variables).code == 0);
  graph.execute("MATCH (n:Filler) SET n.old = true");  // what is restored is not
  for (const char* const moment :
       {"MATCH (n:PrismRestore) RETURN count(n)",
        "MATCH (n:Filler) WHERE n.old IS NULL WITH count(n) AS n RETURN CASE "
        "WHEN n > 9000 THEN 1 ELSE 0 END",
        "MATCH ()-[r:NEXT]->(n) WHERE n.old IS NULL WITH count(r) AS n "
        "RETURN CASE WHEN n > 5000 THEN 1 ELSE 0 END"}) {
    CAPTURE(moment);
    Process process(cli.launch(restore, variables));
    REQUIRE(comes_true([&] { return graph.integer(moment) > 0; }));
    process.send(SIGKILL);
    CHECK(process.wait().signal == SIGKILL);
    const auto target = graph_target(graph.url(), graph.quiet());
    REQUIRE(target->unfinished());
    const Ended status = cli(words({"status"}), variables);
    CHECK(status.code == 2);
    CHECK(missing_in(status.out, {"target graph: ", "restore it again to finish it"}) == "");
  }
  const Ended again = cli(restore, variables);
  CAPTURE(again.err);
  CHECK(again.code == 0);
  CHECK(graph_state(graph) == before);
}

TEST_CASE("fault: neo4j target: a server that is killed in a dump, and in a restore") {
  if (!is_there()) return;
  const PrivateServer own("neo4j");
  const Neo4jDatabase graph(own);
  fill_graph(graph);
  MemoryArtifacts artifacts;
  const auto target = graph_target(graph.url(), graph.quiet());
  target->dump(artifacts);
  const std::string before = graph_state(graph);
  MetArtifacts killer(artifacts, {.reading = 2}, [&] { own.kill(); });
  CHECK(thrown_by([&] { target->restore(killer); }).code == ErrorCode::unavailable);
  MemoryArtifacts none;
  CHECK(thrown_by([&] { target->dump(none); }).code == ErrorCode::unavailable);
  CHECK(none.content.empty());
  own.restart();
  CHECK(target->unfinished());
  target->restore(artifacts);
  CHECK_FALSE(target->unfinished());
  CHECK(graph_state(graph) == before);
}

TEST_CASE("fault: neo4j target: a run of prismctl that writes keeps a restore away") {
  if (!is_there()) return;
  const Neo4jDatabase graph;
  fill_graph(graph);
  MemoryArtifacts artifacts;
  const auto target = graph_target(graph.url(), graph.quiet());
  target->dump(artifacts);
  const std::string before = graph_state(graph);
  const auto other = graph.connect();
  std::string metadata;
  neo4j::Packer(metadata).value(neo4j::Map{
      {{"prismctl_run", "of another"}, {"prismctl_owner", "import, process 1 on host"}}});
  other->begin({.metadata = metadata});
  other->finish();
  const Thrown thrown = thrown_by([&] { target->restore(artifacts); });
  CHECK(thrown.code == ErrorCode::locked);
  CHECK(thrown.says("import, process 1 on host"));
  CHECK_FALSE(target->unfinished());
  CHECK(graph_state(graph) == before);
}

}  // namespace prism::test
