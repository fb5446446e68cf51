#include "support/neo4j.hpp"

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/redis.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace {

/// A command line in front of the graph of the server that the tests share.
struct Scene {
  Scene() {
    cli.write("base.csv", table({"5001,6001,1146,7000", ",6002,1146,101", "5003,101,1146,7000"}));
  }

  Ended run(Words words, const Variables& variables = {}) const {
    words.insert(words.end(), {"--store", graph.url()});
    return cli(words, variables);
  }
  Json json(Words words) const {
    words.insert(words.end(), {"--store", graph.url()});
    return cli.json(words);
  }

  /// What another program would have made: without constraints, ranges and versions.
  void make_old_graph() const {
    graph.execute(
        "UNWIND [[5001, 6001, 7000], [5002, 6002, 7000], [2000000007, 1000000005, 7000]] AS row "
        "MERGE (left:Entity {uid: row[1]}) MERGE (right:Entity {uid: row[2]}) "
        "CREATE (left)-[:role]->(:Fact {fact_uid: row[0], lh_object_uid: row[1], "
        "rel_type_uid: 1146, rh_object_uid: row[2]})-[:role]->(right)");
  }

  Cli cli;
  Neo4jDatabase graph;
};

bool is_there() { return has_service("PRISM_TEST_NEO4J"); }

std::string without_credentials(const std::string& url) {
  return "bolt://" + url.substr(url.find('@') + 1);
}

std::string password_of(const std::string& url) {
  const auto begin = url.find(':', url.find("://") + 3) + 1;
  return url.substr(begin, url.find('@') - begin);
}

}  // namespace

TEST_CASE("cli: neo4j: seed, status, uid and import on a graph that was empty") {
  if (!is_there()) return;
  const Scene scene;
  const Ended seeded = scene.run({"seed", "base.csv"});
  CAPTURE(seeded.err);
  CHECK(seeded.code == 0);
  CHECK(missing_in(seeded.out, {"3 facts", "cache: none configured"}) == "");
  CHECK(scene.graph.integer("MATCH (:Entity)-[:role]->(f:Fact)-[:role]->(:Entity) "
                            "RETURN count(f)") == 3);
  CHECK(scene.graph.integer("MATCH (:Entity {uid: 6002})-[:role]->(f:Fact)-[:role]->"
                            "(:Entity {uid: 1000000000}) RETURN f.fact_uid") == 2000000000);
  const Json status = scene.json({"status"});
  CHECK(status.at("state") == "ok");
  CHECK(status.at("store").at("kind") == "Neo4j");
  CHECK(status.at("store").at("facts") == 3);
  CHECK(status.at("store").at("entities") == 4);
  CHECK(status.at("store").at("unfinished_load").is_null());
  CHECK(status.at("uids").at(0).at("next") == 1000000001);
  CHECK(scene.run({"seed", "base.csv"}).code == 73);
  const Ended again = scene.run({"seed", "base.csv", "--append"});
  CHECK(missing_in(again.out, {"3 unchanged"}) == "");
  CHECK(scene.run({"import", "--abort"}).out == "nothing to take out: no load was cut off\n");
}

TEST_CASE("cli: neo4j: the environment of a system names the store") {
  if (!is_there()) return;
  const Scene scene;
  const Variables environment{{"NEO4J_URI", without_credentials(scene.graph.url())},
                              {"NEO4J_USER", "neo4j"},
                              {"NEO4J_PASSWORD", password_of(scene.graph.url())}};
  const Ended seeded = scene.cli({"seed", "base.csv"}, environment);
  CAPTURE(seeded.err);
  CHECK(seeded.code == 0);
  const Ended config = scene.cli({"config"}, environment);
  CHECK(config.out.find(password_of(scene.graph.url())) == std::string::npos);
  Variables wrong = environment;
  wrong["NEO4J_PASSWORD"] = "not-the-word-at-all";
  const Ended refused = scene.cli({"import", "base.csv"}, wrong);
  CHECK(refused.code == 77);
  CHECK(refused.err.find("not-the-word-at-all") == std::string::npos);
  // One login that fails: after three the server takes none for a while.
  const Ended down = scene.cli({"status"}, wrong);
  CHECK(down.code == 2);
  CHECK(missing_in(down.out, {"graph: ", "user and password are not accepted"}) == "");
  CHECK(down.out.find("not-the-word-at-all") == std::string::npos);
  CHECK(scene.cli({"status"}, environment).code == 0);
}

TEST_CASE("cli: neo4j: the cache is built from the graph") {
  if (!is_there() || !has_service("PRISM_TEST_REDIS")) return;
  const Scene scene;
  const RedisDatabase redis("PRISM_TEST_REDIS");
  const Ended seeded = scene.run({"seed", "base.csv", "--cache", redis.url()});
  CAPTURE(seeded.err);
  CHECK(seeded.code == 0);
  RedisCli seen(redis.url());
  CHECK(seen.sorted({"SMEMBERS", "rlc:entity:7000:facts"}) == Words{"5001", "5003"});
  CHECK(seen.sorted({"SMEMBERS", "rlc:entity:7000:subtypes"}) ==
        Words{"1000000000", "6001", "6002"});
  const Ended dry = scene.run({"rebuild-cache", "--dry-run", "--cache", redis.url()});
  CHECK(missing_in(dry.out, {"0 of"}) == "");
}

TEST_CASE("cli: neo4j: a conflict is refused and changes nothing") {
  if (!is_there()) return;
  const Scene scene;
  CHECK(scene.run({"import", "base.csv"}).code == 0);
  scene.cli.write("other.csv", table({"9001,6001,1146,7000", "5001,6009,1146,7000"}));
  const Ended refused = scene.run({"import", "other.csv"});
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"fact 5001", "lh_object_uid is '6001'", "'6009'"}) == "");
  CHECK(scene.graph.integer("MATCH (f:Fact) RETURN count(f)") == 3);
  const Ended dry = scene.run({"import", "other.csv", "--on-conflict", "update", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK(scene.graph.integer("MATCH (f:Fact) RETURN count(f)") == 3);
  CHECK(scene.run({"import", "other.csv", "--on-conflict", "update"}).code == 0);
  CHECK(scene.graph.integer("MATCH (:Entity {uid: 6009})-[:role]->(f:Fact) RETURN f.fact_uid") ==
        5001);
  CHECK(scene.graph.integer("MATCH (:Fact {fact_uid: 5001})-[r:role]-() RETURN count(r)") == 2);
}

TEST_CASE("cli: neo4j: a graph that another program made is taken over by migrate") {
  if (!is_there()) return;
  const Scene scene;
  scene.make_old_graph();
  scene.graph.execute("CREATE INDEX of_theirs FOR (e:Entity) ON (e.uid)");
  const Ended unknown = scene.run({"status"});
  CHECK(unknown.code == 78);
  CHECK(missing_in(unknown.err, {"prismctl migrate"}) == "");
  const Ended dry = scene.run({"migrate", "--dry-run"});
  CHECK(dry.code == 0);
  CHECK(missing_in(dry.out, {"CREATE CONSTRAINT prism_entity_uid", "DROP INDEX `of_theirs`"}) ==
        "");
  CHECK(scene.graph.integer("MATCH (n:PrismStore) RETURN count(n)") == 0);
  const Ended migrated = scene.run({"migrate"});
  CAPTURE(migrated.err);
  CHECK(migrated.code == 0);
  const Json status = scene.json({"status"});
  CHECK(status.at("store").at("facts") == 3);
  CHECK(status.at("uids").at(0).at("next") == 1000000006);
  CHECK(status.at("uids").at(1).at("next") == 2000000008);
}

TEST_CASE("cli: neo4j: doubles of an old graph are listed, and merged by migrate alone") {
  if (!is_there()) return;
  const Scene scene;
  scene.make_old_graph();
  // An entity twice, each with a fact of its own, and a fact twice.
  scene.graph.execute(
      "MATCH (right:Entity {uid: 7000}) CREATE (e:Entity {uid: 6001})-[:role]->"
      "(:Fact {fact_uid: 5009, lh_object_uid: 6001, rel_type_uid: 1146, rh_object_uid: 7000})"
      "-[:role]->(right)");
  scene.graph.execute(
      "MATCH (left:Entity {uid: 6002}), (right:Entity {uid: 7000}) CREATE (left)-[:role]->"
      "(:Fact {fact_uid: 5002, lh_object_uid: 6002, rel_type_uid: 1146, rh_object_uid: 7000})"
      "-[:role]->(right)");
  const Ended refused = scene.run({"import", "base.csv"});
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"fact 5002", "entity 6001", "migrate --dry-run"}) == "");
  const Ended dry = scene.run({"migrate", "--dry-run"});
  CHECK(missing_in(dry.out, {"// doubled: fact 5002, entity 6001", "DETACH DELETE"}) == "");
  CHECK(scene.graph.integer("MATCH (f:Fact) RETURN count(f)") == 5);
  const Ended migrated = scene.run({"migrate"});
  CAPTURE(migrated.err);
  CHECK(migrated.code == 0);
  CHECK(scene.graph.integer("MATCH (f:Fact) RETURN count(f)") == 4);
  CHECK(scene.graph.integer("MATCH (e:Entity) RETURN count(e)") == 4);
  CHECK(scene.graph.integer("MATCH (:Entity {uid: 6001})-[:role]->(f:Fact) RETURN count(f)") == 2);
  CHECK(scene.graph.integer("MATCH ()-[r:role]->() RETURN count(r)") == 8);
}

TEST_CASE("cli: neo4j: doubles that differ are left to the operator") {
  if (!is_there()) return;
  const Scene scene;
  scene.make_old_graph();
  scene.graph.execute("CREATE (:Fact {fact_uid: 5001, lh_object_uid: 1, rh_object_uid: 2})");
  const Ended refused = scene.run({"migrate"});
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"fact 5001: other values"}) == "");
  CHECK(scene.graph.integer("MATCH (f:Fact) RETURN count(f)") == 4);
  CHECK(scene.graph.rows("SHOW CONSTRAINTS YIELD name").empty());
}

}  // namespace prism::test
