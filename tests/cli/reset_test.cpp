#include <doctest/doctest.h>

#include <prism/drivers/drivers.hpp>

#include "cli/cli.hpp"
#include "support/neo4j.hpp"
#include "support/postgres.hpp"
#include "support/redis.hpp"
#include "support/services.hpp"
#include "support/terminal.hpp"

namespace prism::test {
namespace {

const Words kSeed{"seed", "a.csv", "--store", "t.db"};

/// Three facts, one with a temporary UID, and a user, in t.db.
void fill(const Cli& cli) {
  cli.write("a.csv", table({"5001,6001,1146,7000", "5002,7,1146,6001", ",6002,1190,7"}));
  REQUIRE(cli(kSeed).code == 0);
  REQUIRE(cli({"user", "add", "anna", "--store", "t.db"}, {{"PRISM_ADMIN_PASSWORD", "a password"}})
              .code == 0);
}

/// A reset of t.db on a terminal, on which that is typed.
Ended typed(const Cli& cli, const Words& words, const std::string& answer, std::string& shown) {
  Terminal terminal;
  Process process(terminal.on_it(cli.launch(words)));
  CHECK(terminal.shows(shown, " to go on: "));
  terminal.type(answer + "\n");
  shown += terminal.read_all(process);
  return process.wait();
}

}  // namespace

TEST_CASE("cli: reset empties the store and its cache, after a backup, and a seed fills it again") {
  const Cli cli;
  fill(cli);
  const TextRows before = content_of_store(cli / "t.db");
  const Json json = cli.json({"reset", "--yes", "--store", "t.db"});
  CHECK(json["facts"] == 3);
  CHECK(json["entities"] == 4);
  CHECK(json["cache"]["keys"] == Json{{"facts", 4}, {"lineage", 2}, {"subtypes", 2}});
  const Sql sql(cli / "t.db");
  for (const char* table : {"fact", "entity", "uid_range", "uid_temporary", "uid_blank",
                            "cache_facts", "cache_lineage", "cache_subtypes"}) {
    CAPTURE(table);
    CHECK(sql.integer("SELECT count(*) FROM " + std::string(table)) == 0);
  }
  CHECK(sql.integer("SELECT count(*) FROM users") == 1);
  CHECK(sql.text("SELECT group_concat(stage, ' ') FROM (SELECT run_stage.stage AS stage FROM "
                 "run_stage JOIN run ON "
                 "run.id = run WHERE command = 'reset' ORDER BY position)") ==
        "checking backing_up emptying caching_facts caching_lineage caching_subtypes complete");
  const Json status = cli.json({"status", "--store", "t.db"});
  CHECK(status["store"]["facts"] == 0);
  CHECK(status["cache"]["behind"] == false);
  CHECK(cli.json({"uid", "show", "--store", "t.db"})["ranges"][0]["next"] == 1000000000);

  CHECK(cli(kSeed).code == 0);
  CHECK(content_of_store(cli / "t.db") == before);
  CHECK(cli({"reset", "--yes", "--no-backup", "--store", "t.db"}).code == 0);
  const Ended restored =
      cli({"restore", json["backup"].get<std::string>(), "--force", "--store", "t.db"});
  CAPTURE(restored.err);
  CHECK(restored.code <= 1);
  CHECK(content_of_store(cli / "t.db") == before);
}

TEST_CASE("cli: reset --dry-run says what would go, and changes nothing") {
  const Cli cli;
  fill(cli);
  const TextRows before = content_of_store(cli / "t.db");
  const Ended dry = cli({"reset", "--dry-run", "--store", "t.db"});
  CHECK(dry.code == 0);
  CHECK(missing_in(dry.out,
                   {"nothing was changed; a reset would take out\n",
                    "  t.db (SQLite): 3 facts and 4 entities", "  t.db (cache): 8 keys"}) == "");
  CHECK(cli.json({"reset", "--dry-run", "--store", "t.db"})["dry_run"] == true);
  CHECK(content_of_store(cli / "t.db") == before);
  CHECK(cli({"reset", "--dry-run", "--store", "other.db"}).code == 66);
  CHECK(cli({"reset", "--yes", "--store", "other.db"}).code == 66);
  CHECK_FALSE(std::filesystem::exists(cli / "other.db"));
}

TEST_CASE("cli: reset is confirmed by the system's name on a terminal") {
  const Cli cli;
  fill(cli);
  const Words reset{"reset", "--store", "t.db"};
  const Ended unasked = cli(reset);
  CHECK(unasked.code == 73);
  CHECK(missing_in(unasked.err, {"must be confirmed, and there is no terminal", "--yes"}) == "");
  std::string shown;
  CHECK(typed(cli, reset, "yes", shown).code == 73);
  CHECK(missing_in(shown, {"This takes out, for good:", "3 facts and 4 entities", "Type t.db to",
                           "that is not t.db", "nothing was changed"}) == "");
  CHECK(facts_of(cli / "t.db").size() == 3);
  CHECK_FALSE(std::filesystem::exists(cli / "backups"));
  std::string again;
  const Ended done = typed(cli, reset, "t.db", again);
  CHECK(done.code == 0);
  CHECK(missing_in(done.out, {": complete\n", "3 facts, 4 entities and 8 cache keys taken out"}) ==
        "");
  CHECK(facts_of(cli / "t.db").empty());
  cli.write("prismctl.toml", "[system]\nname = \"the plant\"\n");
  std::string named;
  CHECK(typed(cli, {"reset", "--no-backup", "--store", "t.db"}, "the plant", named).code == 0);
}

TEST_CASE("cli: a reset whose backup fails touches nothing") {
  const Cli cli;
  fill(cli);
  cli.write("a file", "");
  const Ended failed =
      cli({"reset", "--yes", "--store", "t.db", "--repository", (cli / "a file").string()});
  CHECK(failed.code != 0);
  CHECK(facts_of(cli / "t.db").size() == 3);
  cli.write("prismctl.toml",
            "[targets.mine]\nurl = \"sqlite:t.db\"\nbefore = \"echo no >&2; exit 1\"\n");
  const Ended refused = cli({"reset", "--yes", "--store", "t.db"});
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"the backup before the reset failed", "nothing was taken out"}) ==
        "");
  CHECK(facts_of(cli / "t.db").size() == 3);
  const auto last = cli.audit().back();
  CHECK(last["command"] == "reset");
  CHECK(last["exit_code"] == 73);
}

TEST_CASE("cli: status tells of a reset that was cut off, until it is done or seeded anew") {
  const Cli cli;
  fill(cli);
  const Words reset{"reset", "--yes", "--no-backup", "--store", "t.db"},
      status{"status", "--store", "t.db"};
  REQUIRE(cli(reset).code == 0);
  CHECK(cli(status).code == 0);
  const std::string cut_off =
      "UPDATE run SET state = 'running', stage = 'emptying' WHERE command = 'reset'";
  Sql(cli / "t.db").execute(cut_off);
  const Ended told = cli(status);
  CHECK(told.code == 1);
  CHECK(missing_in(told.out, {"reset was cut off in stage emptying; run it again"}) == "");
  CHECK(cli(reset).code == 0);
  CHECK(cli(status).code == 0);
  Sql(cli / "t.db").execute(cut_off);
  CHECK(cli(kSeed).code == 0);
  CHECK(cli(status).code == 0);
}

TEST_CASE("cli: a store that another run holds is not reset") {
  const Cli cli;
  fill(cli);
  Quiet quiet;
  const auto store = drivers::open_store({.url = (cli / "t.db").string(), .access = Access::write},
                                         quiet.log(), quiet.cancel());
  const auto lock = store->lock("import", std::chrono::seconds(0));
  CHECK(cli({"reset", "--yes", "--store", "t.db"}).code == 75);
  CHECK(facts_of(cli / "t.db").size() == 3);
  CHECK_FALSE(std::filesystem::exists(cli / "backups"));
}

TEST_CASE("cli: reset of a store in PostgreSQL with a cache in Redis leaves all else alone") {
  if (!has_service("PRISM_TEST_POSTGRES") || !has_service("PRISM_TEST_REDIS")) return;
  const Cli cli;
  const PostgresDatabase database;
  RedisDatabase redis{"PRISM_TEST_REDIS"};
  cli.write("a.csv", table({"5001,6001,1146,7000", "5002,7,1146,6001"}));
  const auto run = [&](Words words) {
    words.insert(words.end(), {"--store", database.url(), "--cache", redis.url()});
    return cli(words);
  };
  REQUIRE(run({"seed", "a.csv"}).code == 0);
  RedisCli seen(redis.url());
  seen({"SET", "rlc:minFreeEntityUID", "7"});
  database.execute("CREATE TABLE other (a integer); INSERT INTO other VALUES (1)");
  const Ended reset = run({"reset", "--yes"});
  CAPTURE(reset.err);
  CHECK(reset.code == 0);
  CHECK(missing_in(reset.out, {": complete\n", "2 facts, 3 entities and 7 cache keys"}) == "");
  CHECK(database.integer("SELECT count(*) FROM prism.fact") == 0);
  CHECK(database.integer("SELECT count(*) FROM other") == 1);
  CHECK(seen.text({"GET", "rlc:minFreeEntityUID"}) == "7");
  CHECK(seen({"KEYS", "rlc:entity:*"})->items.empty());
  CHECK(run({"status"}).code == 0);
  CHECK(run({"seed", "a.csv"}).code == 0);
  CHECK(database.integer("SELECT max(lh_object_uid) FROM prism.fact") == 1000000000);
}

TEST_CASE("cli: reset of a graph leaves what is no fact of ours") {
  if (!has_service("PRISM_TEST_NEO4J")) return;
  const Cli cli;
  const Neo4jDatabase graph;
  cli.write("a.csv", table({"5001,6001,1146,7000", "5002,7,1146,6001"}));
  REQUIRE(cli({"seed", "a.csv", "--store", graph.url(), "--cache", "none"}).code == 0);
  graph.execute("CREATE (:Other {name: 'stays'})");
  const Ended reset = cli({"reset", "--yes", "--store", graph.url(), "--cache", "none"});
  CAPTURE(reset.err);
  CHECK(reset.code == 0);
  CHECK(missing_in(reset.out, {": complete\n", "2 facts, 3 entities and 0 cache keys"}) == "");
  CHECK(graph.integer("MATCH (n) WHERE n:Fact OR n:Entity OR n:PrismTemporaryUid OR "
                      "n:PrismUidRange RETURN count(n)") == 0);
  CHECK(graph.integer("MATCH (n:Other) RETURN count(n)") == 1);
  CHECK(cli({"seed", "a.csv", "--store", graph.url(), "--cache", "none"}).code == 0);
}

}  // namespace prism::test
