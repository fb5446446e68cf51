#include <set>

#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

constexpr const char* kStages =
    "checking migrating converting importing caching_facts caching_lineage caching_subtypes "
    "complete";

std::string stages_of(const Json& seed) {
  std::string names;
  for (const auto& stage : seed.at("stages")) {
    names += (names.empty() ? "" : " ") + stage.at("stage").get<std::string>();
  }
  return names;
}

std::string seed_sample(const Cli& cli, const std::string& name, const std::string& store) {
  const Ended ended = cli({"seed", example(name).string(), "--store", store});
  CHECK(ended.code == 1);
  return ended.err;
}

/// A store whose seed ended in `stage`, as a power cut leaves it.
void cut_off(const Cli& cli, const std::string& store, const std::string& stage) {
  const Sql sql(cli / store);
  const auto at = "(SELECT position FROM run_stage WHERE stage = '" + stage + "')";
  sql.execute("UPDATE run SET state = 'running', finished = NULL, stage = '" + stage + "'");
  sql.execute("DELETE FROM run_stage WHERE position > " + at);
  sql.execute("UPDATE run_stage SET finished = NULL WHERE position = " + at);
  sql.execute("DELETE FROM cache_lineage; DELETE FROM cache_subtypes");
}

std::set<std::string> fact_uids(const std::filesystem::path& store) {
  std::set<std::string> uids;
  for (const auto& row : Sql(store).rows("SELECT fact_uid FROM fact")) uids.insert(row[0]);
  return uids;
}

}  // namespace

TEST_CASE("cli: seed loads the real workbook and builds its cache") {
  if (!there(real_workbook())) return;
  const Cli cli;
  const Ended ended = cli({"seed", real_workbook().string(), "--store", "t.db"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.out, {"5,263 facts inserted, 0 unchanged, 0 updated, 0 rows rejected",
                               "facts 2,047 keys", "lineage 2,044 keys, 19,435 members",
                               "subtypes 562 keys, 17,391 members"}) == "");
  CHECK(missing_in(ended.err, {"warning", "000_TOPini.xls", "cell P4676", "#REF!"}) == "");
  const Sql sql(cli / "t.db");
  CHECK(sql.integer("SELECT count(*) FROM fact") == 5263);
  CHECK(sql.integer("SELECT count(*) FROM entity") == 2047);
  CHECK(sql.integer("SELECT sum(json_array_length(members)) FROM cache_lineage") == 19435);
  CHECK(sql.integer("SELECT sum(json_array_length(members)) FROM cache_subtypes") == 17391);
  CHECK(cli.left_behind().empty());
}

TEST_CASE("cli: seed on a store that holds facts is refused, appended or skipped as asked") {
  if (!there(real_workbook())) return;
  const Cli cli;
  const std::string book = real_workbook().string();
  REQUIRE(cli({"seed", book, "--store", "t.db"}).code == 0);
  const TextRows before = content_of_store(cli / "t.db");

  const Ended refused = cli({"seed", book, "--store", "t.db"});
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"t.db: holds 5,263 facts already", "--append", "--if-empty"}) ==
        "");
  Json appended = cli.json({"seed", book, "--store", "t.db", "--append"});
  CHECK(appended["imported"]["inserted"] == 0);
  CHECK(appended["imported"]["unchanged"] == 5263);
  CHECK(appended["imported"]["updated"] == 0);
  CHECK(appended["converted"]["uids_taken"] == 0);
  CHECK(appended["facts_before"] == 5263);
  Json skipped = cli.json({"seed", book, "--store", "t.db", "--if-empty"});
  CHECK(skipped["nothing_done"] == true);
  CHECK(cli({"seed", book, "--store", "t.db", "--if-empty"}).code == 0);
  CHECK(content_of_store(cli / "t.db") == before);
}

TEST_CASE("cli: seed --if-empty seeds an empty store") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6000,1146,700000"}));
  CHECK(cli({"seed", "a.csv", "--if-empty", "--store", "t.db"}).code == 0);
  CHECK(facts_of(cli / "t.db").size() == 1);
}

TEST_CASE("cli: the two samples say the same") {
  const Cli cli;
  const std::string from_xls = seed_sample(cli, "sample.xls", "xls.db");
  const std::string from_xlsx = seed_sample(cli, "sample.xlsx", "xlsx.db");
  CHECK(missing_in(from_xls, {"row rejected: sample.xls: sheet 'Pumps and vessels', cell L81 "
                              "(column 15): blank UID"}) == "");
  CHECK(missing_in(from_xlsx, {"sample.xlsx: sheet 'Pumps and vessels', cell L81"}) == "");
  CHECK(facts_of(cli / "xls.db").size() == 88);
  CHECK(facts_of(cli / "xls.db") == facts_of(cli / "xlsx.db"));

  CHECK(cli({"convert", example("sample.xls").string(), "-o", "xls"}).code == 1);
  CHECK(cli({"convert", example("sample.xlsx").string(), "-o", "xlsx"}).code == 1);
  CHECK(content_of(cli / "xls/0.csv") == content_of(cli / "xlsx/0.csv"));
}

TEST_CASE("cli: rejected rows are listed with all that is known of them") {
  const Cli cli;
  seed_sample(cli, "sample.xls", "t.db");
  const std::string list =
      "file,sheet,row,column,value,reason\nsample.xls,Pumps and vessels,81,15,,blank UID\n";
  CHECK(content_of(cli / "prismctl-rejects.csv") == list);
  const Ended with_folder = cli({"seed", example("sample.xls").string(), "--store", "u.db"},
                                {{"PRISM_CSV_OUTPUT_DIR", "csv"}});
  CHECK(with_folder.code == 1);
  CHECK(content_of(cli / "csv/rejects.csv") == list);
  const Ended strict =
      cli({"seed", example("sample.xls").string(), "--strict", "--store", "strict.db"});
  CHECK(strict.code == 65);
  CHECK(missing_in(strict.err, {"1 row was rejected", "--strict", "nothing was loaded"}) == "");
  CHECK(Sql(cli / "strict.db").integer("SELECT count(*) FROM fact") == 0);
}

TEST_CASE("cli: the same seed again gives the same CSV bytes and the same UIDs") {
  const Cli cli;
  const Words words{"seed", example("sample.xls").string(), "--append", "--store", "t.db"};
  const Variables variables{{"PRISM_CSV_OUTPUT_DIR", "csv"}};
  CHECK(cli(words, variables).code == 1);
  const std::string csv = content_of(cli / "csv/0.csv");
  const TextRows before = content_of_store(cli / "t.db");
  Json again = cli.json(words, variables);
  CHECK(again["imported"]["inserted"] == 0);
  CHECK(again["imported"]["unchanged"] == 88);
  CHECK(again["converted"]["uids_taken"] == 0);
  CHECK(content_of(cli / "csv/0.csv") == csv);
  CHECK(content_of_store(cli / "t.db") == before);
}

TEST_CASE("cli: no UID is handed out that stands in another input of the run") {
  for (const bool forwards : {true, false}) {
    CAPTURE(forwards);
    const Cli cli;
    cli.write("blank.csv", table({",1000000004,1146,700000", "7,8,1146,700000"}));
    cli.write("taken.csv", table({"2000000000,1000000000,1146,1000000001",
                                  "2000000009,1000000002,1146,700000"}));
    Words words{"seed", "blank.csv", "taken.csv", "--store", "t.db"};
    if (!forwards) std::swap(words[1], words[2]);
    REQUIRE(cli(words).code == 0);
    CHECK(fact_uids(cli / "t.db") ==
          std::set<std::string>{"2000000000", "2000000009", "2000000010", "2000000011"});
    const Sql sql(cli / "t.db");
    CHECK(sql.text("SELECT uid FROM uid_temporary WHERE number = 8") == "1000000005");
    CHECK(sql.integer("SELECT count(*) FROM fact WHERE lh_object_uid = 1000000005") == 1);
  }
}

TEST_CASE("cli: a temporary UID stands for one thing within a workbook and another in the next") {
  const Cli cli;
  cli.write("a.csv", table({"5001,7,1146,700000", "5002,8,1190,7", "9,7,1190,9"}));
  cli.write("b.csv", table({"5003,7,1146,700000"}));
  REQUIRE(cli({"seed", "a.csv", "b.csv", "--store", "t.db"}).code == 0);
  const TextRows expected{{"5001", "1000000000", "700000"},
                          {"5002", "1000000001", "1000000000"},
                          {"5003", "1000000002", "700000"},
                          {"2000000000", "1000000000", "2000000000"}};
  CHECK(Sql(cli / "t.db")
            .rows("SELECT fact_uid, lh_object_uid, rh_object_uid FROM fact "
                  "ORDER BY fact_uid") == expected);
}

TEST_CASE("cli: two inputs of one name are refused, as their temporary UIDs would mix") {
  const Cli cli;
  cli.write("x/a.csv", table({"5001,7,1146,700000"}));
  cli.write("y/a.csv", table({"5002,7,1146,700000"}));
  const Ended ended = cli({"seed", "x/a.csv", "y/a.csv", "--store", "t.db"});
  CHECK(ended.code == 64);
  CHECK(missing_in(ended.err, {"two inputs are named 'a.csv'", "HINT: "}) == "");
  CHECK(Sql(cli / "t.db").integer("SELECT count(*) FROM fact") == 0);
}

TEST_CASE("cli: the stages of a seed are recorded with times") {
  const Cli cli;
  seed_sample(cli, "sample.xls", "t.db");
  Json seed = cli.json({"status", "--store", "t.db"}).at("seed");
  CHECK(seed["state"] == "complete");
  CHECK(stages_of(seed) == kStages);
  std::string last = seed["started"];
  for (const auto& stage : seed["stages"]) {
    CHECK(stage["started"].get<std::string>() >= last);
    CHECK(stage["finished"].get<std::string>() >= stage["started"].get<std::string>());
    last = stage["started"];
  }
}

TEST_CASE("cli: a failed seed is recorded as an error and its stage told") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6000,1146,700000"}) + "5002,oops\n");
  CHECK(cli({"seed", "a.csv", "--store", "t.db"}).code == 65);
  const Ended status = cli({"status", "--store", "t.db"});
  CHECK(status.code == 1);
  CHECK(missing_in(status.out, {"seed failed in stage converting", "a.csv: row 3"}) == "");
  CHECK(stages_of(cli.json({"status", "--store", "t.db"}).at("seed")) ==
        "checking migrating converting error");
  cli.write("a.csv", table({"5001,6000,1146,700000"}));
  CHECK(cli({"seed", "a.csv", "--store", "t.db"}).code == 0);
  CHECK(cli({"status", "--store", "t.db"}).code == 0);
}

TEST_CASE("cli: a seed that was cut off is told by status and continued by the same seed") {
  for (const std::string stage : {"caching_facts", "caching_lineage", "caching_subtypes"}) {
    CAPTURE(stage);
    const Cli cli;
    cli.write("a.csv", table({"5001,6001,1146,7000", "5002,6002,1146,6001", ",6002,1190,8"}));
    const Words seed{"seed", "a.csv", "--store", "t.db"};
    REQUIRE(cli(seed).code == 0);
    const TextRows complete = content_of_store(cli / "t.db");
    cut_off(cli, "t.db", stage);
    CHECK(content_of_store(cli / "t.db") != complete);

    const Ended status = cli({"status", "--store", "t.db"});
    CHECK(status.code == 1);
    CHECK(missing_in(status.out, {"seed was cut off in stage " + stage + "; run it again"}) == "");
    Json continued = cli.json(seed);
    CHECK(continued["continued"] == stage);
    CHECK(continued["imported"]["inserted"] == 0);
    CHECK(content_of_store(cli / "t.db") == complete);
    CHECK(cli({"status", "--store", "t.db"}).code == 0);
    CHECK(cli(seed).code == 73);
  }
}

TEST_CASE("cli: a seed cut off before its import begins anew") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000", ",6002,1190,8"}));
  const Words seed{"seed", "a.csv", "--store", "t.db"};
  REQUIRE(cli(seed).code == 0);
  const TextRows complete = content_of_store(cli / "t.db");
  cut_off(cli, "t.db", "converting");
  Sql(cli / "t.db").execute("DELETE FROM fact; DELETE FROM entity; DELETE FROM cache_facts");
  Json continued = cli.json(seed);
  CHECK(continued["continued"] == "converting");
  CHECK(continued["imported"]["inserted"] == 2);
  CHECK(content_of_store(cli / "t.db") == complete);
}

TEST_CASE("cli: seed --if-empty sees to the admin, whether it loads or not") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  const Words seed{"seed", "a.csv", "--if-empty", "--admin-user", "anna", "--store", "t.db"};
  const Ended nobody = cli(seed);
  CHECK(nobody.code == 64);
  CHECK(missing_in(nobody.err, {"no password for anna"}) == "");
  const Variables password{{"PRISM_ADMIN_PASSWORD", "a long password"}};
  const Ended first = cli(seed, password);
  CHECK(first.code == 0);
  CHECK(missing_in(first.out, {"admin anna: added\n", "1 facts inserted"}) == "");
  CHECK(missing_in(stages_of(cli.json({"status", "--store", "t.db"}).at("seed")),
                   {"checking migrating creating_admin converting"}) == "");
  CHECK(Sql(cli / "t.db").text("SELECT username FROM users WHERE is_admin") == "anna");
  const Ended again = cli(seed);
  CHECK(again.code == 0);
  CHECK(again.out == "nothing done: the store holds 1 facts already\n");
  Sql(cli / "t.db").execute("DELETE FROM users");
  const Json json = cli.json(seed, password);
  CHECK(json["nothing_done"] == true);
  CHECK(json["admin"] == Json{{"username", "anna"}, {"made", true}});
  CHECK(cli({"status", "--store", "t.db"}).code == 0);
  CHECK(content_of(cli.audit_file()).find("a long password") == std::string::npos);
}

TEST_CASE("cli: seed makes an admin alone where there are no workbooks") {
  const Cli cli;
  cli.write("prismctl.toml", "[targets.app]\nurl = \"sqlite:app.db\"\n");
  const Variables password{{"PRISM_ADMIN_PASSWORD", "a long password"}};
  const Ended made = cli({"seed", "--admin-user", "anna", "--admin-email", "a@x"}, password);
  CHECK(made.code == 0);
  CHECK(made.out == "admin anna: added\nnothing loaded: no workbook or folder named\n");
  CHECK_FALSE(std::filesystem::exists(cli / "prism.db"));
  CHECK(Sql(cli / "app.db").text("SELECT email FROM users") == "a@x");
  CHECK(cli({"seed", "--admin-user", "anna"}).code == 0);
  CHECK(cli({"seed", "--admin-email", "a@x"}).code == 64);
  CHECK(cli({"seed", "--admin-user", "abc"}, password).code == 64);
}

TEST_CASE("cli: seed takes folders and the settings of the environment") {
  const Cli cli;
  std::filesystem::create_directory(cli / "books");
  std::filesystem::copy(example("sample.xls"), cli / "books/b.xls");
  std::filesystem::copy(example("sample.xlsx"), cli / "books/a.xlsx");
  cli.write("books/~$a.xlsx", "the lock file of a spreadsheet program");
  cli.write("books/.hidden.xls", "hidden");
  cli.write("books/notes.txt", "no workbook");
  const Ended conflict = cli({"seed", "--store", "t.db"}, {{"PRISM_SEED_XLS_DIR", "books"}});
  CHECK(conflict.code == 1);
  CHECK(missing_in(conflict.out, {"2 rejected rows are in prismctl-rejects.csv"}) == "");
  const Ended nothing = cli({"seed", "--store", "u.db"});
  CHECK(nothing.code == 64);
  CHECK(missing_in(nothing.err, {"no workbook or folder named", "PRISM_SEED_XLS_DIR"}) == "");
  CHECK_FALSE(std::filesystem::exists(cli / "u.db"));
}

}  // namespace prism::test
