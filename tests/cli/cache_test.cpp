#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

/// 6001 under 6002 and 6003, which are both under 7000; 6004 under both in the other order.
const char* const kDiamond[] = {"5001,6001,1146,6002", "5002,6001,1146,6003", "5003,6002,1146,7000",
                                "5004,6003,1726,7000", "5005,6001,1190,7000"};

void store_with_diamond(const Cli& cli) {
  cli.write("a.csv", table({kDiamond[0], kDiamond[1], kDiamond[2], kDiamond[3], kDiamond[4]}));
  REQUIRE(cli({"import", "a.csv", "--store", "t.db"}).code == 0);
}

const TextRows kLineage{
    {"6001", "[6001,6002,6003,7000]"}, {"6002", "[6002,7000]"}, {"6003", "[6003,7000]"}};
const TextRows kSubtypes{{"6002", "[6001]"}, {"6003", "[6001]"}, {"7000", "[6001,6002,6003]"}};
const TextRows kFacts{{"6001", "[5001,5002,5005]"},
                      {"6002", "[5001,5003]"},
                      {"6003", "[5002,5004]"},
                      {"7000", "[5003,5004,5005]"}};

TextRows cached(const std::filesystem::path& file, const std::string& family) {
  return Sql(file).rows("SELECT * FROM cache_" + family + " ORDER BY 1");
}

void check_cache(const std::filesystem::path& file) {
  CHECK(cached(file, "facts") == kFacts);
  CHECK(cached(file, "lineage") == kLineage);
  CHECK(cached(file, "subtypes") == kSubtypes);
}

}  // namespace

TEST_CASE("cli: rebuild-cache builds facts, lineage and subtypes into the store's own file") {
  const Cli cli;
  store_with_diamond(cli);
  const Ended ended = cli({"rebuild-cache", "--store", "t.db"});
  CHECK(ended.code == 0);
  CHECK(missing_in(
            ended.out,
            {"cache rebuilt in ",
             "facts 4 keys, 10 members; lineage 3 keys, 8 members; subtypes 3 keys, 5 members"}) ==
        "");
  check_cache(cli / "t.db");
  CHECK(cli({"status", "--store", "t.db"}).code == 0);
}

TEST_CASE("cli: rebuild-cache builds into another file, which is no store") {
  const Cli cli;
  store_with_diamond(cli);
  CHECK(cli({"rebuild-cache", "--store", "t.db", "--cache", "c.db"}).code == 0);
  check_cache(cli / "c.db");
  CHECK(Sql(cli / "t.db").text("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'cache%'") ==
        "0");
  Json json = cli.json({"status", "--store", "t.db", "--cache", "sqlite:c.db"});
  CHECK(json["state"] == "ok");
  CHECK(json["cache"]["behind"] == false);
  CHECK(json["cache"]["lineage"]["members"] == 8);
  cli.write("b.csv", table({"5009,6009,1146,7000"}));
  CHECK(cli({"seed", "b.csv", "--append", "--store", "t.db", "--cache", "c.db"}).code == 0);
  CHECK(cached(cli / "c.db", "lineage").size() == 4);
}

TEST_CASE("cli: --cache none is said and is no failure") {
  const Cli cli;
  store_with_diamond(cli);
  const Ended rebuild = cli({"rebuild-cache", "--store", "t.db", "--cache", "none"});
  CHECK(rebuild.code == 0);
  CHECK(rebuild.out == "no cache is configured; nothing to do\n");
  CHECK(cli.json({"rebuild-cache", "--store", "t.db", "--cache", "none"})["cache"].is_null());
  const Ended status = cli({"status", "--store", "t.db", "--cache", "none"});
  CHECK(status.code == 0);
  CHECK(missing_in(status.out, {"none configured"}) == "");
  const Ended seed = cli({"seed", "a.csv", "--append", "--store", "t.db", "--cache", "none"});
  CHECK(seed.code == 0);
  CHECK(missing_in(seed.out, {"cache: none configured"}) == "");
}

TEST_CASE("cli: rebuild-cache --only touches the families that are named") {
  const Cli cli;
  store_with_diamond(cli);
  REQUIRE(cli({"rebuild-cache", "--store", "t.db"}).code == 0);
  Sql(cli / "t.db")
      .execute(
          "UPDATE cache_facts SET members = '[1]'; UPDATE cache_lineage SET members = '[1]'; "
          "INSERT INTO cache_subtypes VALUES (99, '[1]')");
  CHECK(cli({"rebuild-cache", "--only", "lineage,subtypes", "--store", "t.db"}).code == 0);
  CHECK(cached(cli / "t.db", "lineage") == kLineage);
  CHECK(cached(cli / "t.db", "subtypes") == kSubtypes);
  CHECK(cached(cli / "t.db", "facts")[0][1] == "[1]");
  CHECK(cli({"rebuild-cache", "--only", "facts", "--store", "t.db"}).code == 0);
  check_cache(cli / "t.db");
  const Ended wrong = cli({"rebuild-cache", "--only", "lineages", "--store", "t.db"});
  CHECK(wrong.code == 64);
  CHECK(missing_in(wrong.err, {"--only", "lineages"}) == "");
}

TEST_CASE("cli: rebuild-cache --dry-run tells how many keys differ and writes nothing") {
  const Cli cli;
  store_with_diamond(cli);
  const Words dry{"rebuild-cache", "--dry-run", "--store", "t.db"};
  CHECK(missing_in(cli(dry).out, {"nothing was written: 10 of 10 keys differ"}) == "");
  REQUIRE(cli({"rebuild-cache", "--store", "t.db"}).code == 0);
  const TextRows built = content_of_store(cli / "t.db");
  const Ended same = cli(dry);
  CHECK(same.code == 0);
  CHECK(missing_in(same.out, {"nothing was written: 0 of 10 keys differ"}) == "");
  CHECK(content_of_store(cli / "t.db") == built);

  Sql(cli / "t.db")
      .execute(
          "UPDATE cache_lineage SET members = '[6002]' WHERE entity_uid = 6002; "
          "DELETE FROM cache_facts WHERE entity_uid = 6003; "
          "INSERT INTO cache_subtypes VALUES (99, '[1]')");
  Json json = cli.json(dry);
  CHECK(json["changed"] == 1);
  CHECK(json["missing"] == 1);
  CHECK(json["stale"] == 1);
  CHECK(json["keys"] == 11);
  CHECK(cached(cli / "t.db", "subtypes").size() == 4);
}

TEST_CASE("cli: rebuild-cache --dry-run makes no cache file") {
  const Cli cli;
  store_with_diamond(cli);
  const Ended ended = cli({"rebuild-cache", "--dry-run", "--store", "t.db", "--cache", "c.db"});
  CHECK_FALSE(std::filesystem::exists(cli / "c.db"));
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.out, {"10 of 10 keys differ"}) == "");
}

TEST_CASE("cli: cycles are reported by their UIDs") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,6002", "5002,6002,1146,6003", "5003,6003,1146,6001",
                            "5004,6004,1146,6001"}));
  const Ended ended = cli({"seed", "a.csv", "--store", "t.db"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.err, {"warning: 3 entities in a cycle of specializations",
                               "6001, 6002, 6003"}) == "");
  Json json = cli.json({"rebuild-cache", "--store", "t.db"});
  CHECK(json["cyclic"] == Json{6001, 6002, 6003});
  CHECK(json["inconsistent"] == Json::array());
  CHECK(cached(cli / "t.db", "lineage")[3] == TextRow{"6004", "[6004,6001,6002,6003]"});
}

TEST_CASE("cli: supertypes without a consistent order are reported by the UID of their subtype") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7001", "5002,6001,1146,7002", "5003,6002,1146,7002",
                            "5004,6002,1146,7001", "5005,6003,1146,6001", "5006,6003,1146,6002"}));
  REQUIRE(cli({"import", "a.csv", "--store", "t.db"}).code == 0);
  const Ended ended = cli({"rebuild-cache", "--store", "t.db"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.err, {"1 entity whose supertypes have no consistent order", ": 6003"}) ==
        "");
  CHECK(cached(cli / "t.db", "lineage")[2] == TextRow{"6003", "[6003,6001,6002,7001,7002]"});
  Json json = cli.json({"rebuild-cache", "--store", "t.db"});
  CHECK(json["cyclic"] == Json::array());
  CHECK(json["inconsistent"] == Json::array({6003}));
}

TEST_CASE("cli: rebuild-cache of an empty store gives an empty cache") {
  const Cli cli;
  REQUIRE(cli({"uid", "reserve", "--kind", "fact", "--store", "t.db"}).code == 0);
  Json json = cli.json({"rebuild-cache", "--store", "t.db"});
  CHECK(json["facts"]["keys"] == 0);
  CHECK(json["cyclic"] == Json::array());
  CHECK(cli({"status", "--store", "t.db"}).code == 0);
}

}  // namespace prism::test
