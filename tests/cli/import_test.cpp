#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

std::string right_of(const Cli& cli, const std::string& fact) {
  return Sql(cli / "t.db").text("SELECT rh_object_uid FROM fact WHERE fact_uid = " + fact);
}

/// A store with two facts, and a file that says something else of the first and adds a third.
void store_with_conflict(const Cli& cli) {
  cli.write("a.csv", table({"5001,6001,1146,7001", "5002,6002,1146,7001"}));
  cli.write("b.csv", table({"5001,6001,1146,7002", "5002,6002,1146,7001", "5003,6003,1146,7001"}));
  REQUIRE(cli({"import", "a.csv", "--store", "t.db"}).code == 0);
}

}  // namespace

TEST_CASE("cli: import --on-conflict fail stores nothing and names the fact and the column") {
  const Cli cli;
  store_with_conflict(cli);
  const TextRows before = content_of_store(cli / "t.db");
  for (const Words& more : {Words{}, Words{"--on-conflict", "fail"}}) {
    Words words{"import", "b.csv", "--store", "t.db"};
    words.insert(words.end(), more.begin(), more.end());
    const Ended ended = cli(words);
    CHECK(ended.code == 73);
    CHECK(missing_in(ended.err, {"fact 5001 is stored with other values", "rh_object_uid is '7001'",
                                 "the input has '7002'", "--on-conflict skip"}) == "");
    CHECK(content_of_store(cli / "t.db") == before);
  }
}

TEST_CASE("cli: import --on-conflict skip keeps what is stored") {
  const Cli cli;
  store_with_conflict(cli);
  Json json = cli.json({"import", "b.csv", "--store", "t.db", "--on-conflict", "skip"});
  CHECK(json["inserted"] == 1);
  CHECK(json["unchanged"] == 1);
  CHECK(json["skipped"] == 1);
  CHECK(json["updated"] == 0);
  CHECK(right_of(cli, "5001") == "7001");
  CHECK(facts_of(cli / "t.db").size() == 3);
}

TEST_CASE("cli: import --on-conflict update takes the new values, and entities follow") {
  const Cli cli;
  store_with_conflict(cli);
  const Ended ended = cli({"import", "b.csv", "--store", "t.db", "--on-conflict", "update"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.out, {"1 facts inserted, 1 unchanged, 1 updated"}) == "");
  CHECK(right_of(cli, "5001") == "7002");
  CHECK(Sql(cli / "t.db").rows("SELECT uid, name FROM entity ORDER BY uid") ==
        TextRows{{"6001", "name of 6001"},
                 {"6002", "name of 6002"},
                 {"6003", "name of 6003"},
                 {"7001", "name of 7001"},
                 {"7002", "name of 7002"}});
}

TEST_CASE("cli: a fact that stands twice in the input is one fact, or a conflict") {
  const Cli cli;
  cli.write("same.csv", table({"5001,6001,1146,7001", "5001,6001,1146,7001"}));
  Json same = cli.json({"import", "same.csv", "--store", "t.db"});
  CHECK(same["inserted"] == 1);
  CHECK(same["unchanged"] == 1);
  cli.write("other.csv", table({"5009,6001,1146,7001", "5009,6001,1146,7002"}));
  CHECK(cli({"import", "other.csv", "--store", "t.db"}).code == 73);
  CHECK(facts_of(cli / "t.db").size() == 1);
}

TEST_CASE("cli: import --dry-run counts like import and changes nothing") {
  const Cli cli;
  store_with_conflict(cli);
  const TextRows before = content_of_store(cli / "t.db");
  const auto runs = Sql(cli / "t.db").text("SELECT count(*) FROM run");
  const Ended ended =
      cli({"import", "b.csv", "--store", "t.db", "--dry-run", "--on-conflict", "update"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.out, {"dry run, nothing was stored",
                               "1 facts inserted, 1 unchanged, 1 "
                               "updated"}) == "");
  CHECK(cli({"import", "b.csv", "--store", "t.db", "--dry-run"}).code == 73);
  CHECK(content_of_store(cli / "t.db") == before);
  CHECK(Sql(cli / "t.db").text("SELECT count(*) FROM run") == runs);
}

TEST_CASE("cli: import --dry-run takes no UIDs from the store") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7001"}));
  cli.write("blank.csv", table({",7,1146,7001"}));
  REQUIRE(cli({"import", "a.csv", "--store", "t.db"}).code == 0);
  const TextRows before = content_of_store(cli / "t.db");
  Json json = cli.json({"import", "blank.csv", "--store", "t.db", "--dry-run"});
  CHECK(json["inserted"] == 1);
  CHECK(json["uids_taken"] == 2);
  CHECK(content_of_store(cli / "t.db") == before);
}

TEST_CASE("cli: import --dry-run without a store makes none") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7001", ",7,1146,7001"}));
  Json json = cli.json({"import", "a.csv", "--store", "t.db", "--dry-run"});
  CHECK(json["dry_run"] == true);
  CHECK(json["inserted"] == 2);
  CHECK_FALSE(fs::exists(cli / "t.db"));
  CHECK(cli.left_behind().empty());
}

TEST_CASE("cli: import of a folder takes what convert listed, in its order") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7001"}));
  cli.write("b.csv", table({"5002,6002,1146,7001", "5003,x,1146,7001"}));
  REQUIRE(cli({"convert", "a.csv", "b.csv", "-o", "csv"}).code == 1);
  cli.write("csv/9.csv", "no table at all");
  CHECK(cli({"import", "csv", "--store", "t.db"}).code == 0);
  CHECK(facts_of(cli / "t.db").size() == 2);

  cli.write("plain/y.csv", table({"5001,6001,1146,7001"}));
  cli.write("plain/x.csv", table({"5002,6001,1146,7001"}));
  CHECK(cli.json({"import", "plain", "--store", "u.db"})["inserted"] == 2);
}

TEST_CASE("cli: convert and import give what seed gives") {
  const Cli cli;
  const std::string book = example("sample.xls").string();
  CHECK(cli({"seed", book, "--store", "seeded.db"}).code == 1);
  CHECK(cli({"convert", book, "-o", "csv"}).code == 1);
  CHECK(cli({"import", "csv", "--store", "imported.db"}).code == 0);
  CHECK(cli({"rebuild-cache", "--store", "imported.db"}).code == 0);
  CHECK(content_of_store(cli / "imported.db") == content_of_store(cli / "seeded.db"));

  CHECK(cli({"convert", book, "-o", "assigned", "--uids", "assign", "--store", "u.db"}).code == 1);
  CHECK(cli({"import", "assigned/0.csv", "--store", "u.db"}).code == 0);
  CHECK(facts_of(cli / "u.db") == facts_of(cli / "seeded.db"));
  CHECK(cli.json({"import", "csv/0.csv", "--store", "u.db"})["unchanged"] == 88);
}

TEST_CASE("cli: import lists rejected rows in ./prismctl-rejects.csv") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7001", "5002,-4,1146,7001"}));
  const Ended ended = cli({"import", "a.csv", "--store", "t.db"});
  CHECK(ended.code == 1);
  CHECK(missing_in(ended.out, {"1 facts inserted", "1 row rejected",
                               "1 rejected row is in prismctl-rejects.csv"}) == "");
  CHECK(missing_in(content_of(cli / "prismctl-rejects.csv"),
                   {"file,sheet,row,column,value,reason\na.csv,,3,2,-4,not a UID"}) == "");
  CHECK(cli({"import", "a.csv", "--store", "s.db", "--strict"}).code == 65);
  CHECK(Sql(cli / "s.db").text("SELECT count(*) FROM fact") == "0");
}

}  // namespace prism::test
