#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

void seeded(const Cli& cli) {
  cli.write("a.csv", table({"5001,6001,1146,7000", ",6002,1146,6001"}));
  REQUIRE(cli({"seed", "a.csv", "--store", "t.db"}).code == 0);
}

}  // namespace

TEST_CASE("cli: status of a good store") {
  const Cli cli;
  seeded(cli);
  const Ended ended = cli({"status", "--store", "t.db"});
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
  CHECK(missing_in(
            ended.out,
            {"state    ok\n", "t.db (SQLite ", "schema 1)", "2 facts, 3 entities",
             "next entity 1000000000", "next fact 2000000001", "seed     complete, started 20",
             "cache    t.db, built 20",
             "facts 3 keys, 4 members; lineage 2 keys, 5 members; subtypes 2 keys, 3 members"}) ==
        "");
  CHECK(ended.out.find("problem") == std::string::npos);
}

TEST_CASE("cli: status as JSON") {
  const Cli cli;
  seeded(cli);
  Json json = cli.json({"status", "--store", "t.db"});
  CHECK(json["schema"] == 1);
  CHECK(json["command"] == "status");
  CHECK(json["state"] == "ok");
  CHECK(json["problems"] == Json::array());
  CHECK(json["store"]["kind"] == "SQLite");
  CHECK(json["store"]["location"] == "t.db");
  CHECK(json["store"]["schema_version"] == 1);
  CHECK(json["store"]["facts"] == 2);
  CHECK(json["store"]["entities"] == 3);
  CHECK(json["uids"][1] ==
        Json{{"kind", "fact"}, {"next", 2000000001}, {"left", 9007197254740992}});
  CHECK(json["seed"]["state"] == "complete");
  CHECK(json["cache"]["built"] == true);
  CHECK(json["cache"]["behind"] == false);
  CHECK(json["cache"]["watermark"] == json["store"]["watermark"]);
  CHECK(json["cache"]["subtypes"] == Json{{"keys", 2}, {"members", 3}});
}

TEST_CASE("cli: status of a missing store is unknown and leaves nothing") {
  const Cli cli;
  const Ended ended = cli({"status", "--store", "t.db"});
  CHECK(ended.code == 3);
  CHECK(ended.out == "");
  CHECK(ended.err == "prismctl: t.db: there is no such store\nHINT: prismctl seed makes one\n");
  Json json = cli.json({"status", "--store", "t.db"});
  CHECK(json["error"]["code"] == 3);
  CHECK(json["error"]["name"] == "unknown");
  CHECK(cli({"status"}).code == 3);
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(cli.path())) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"home", "tmp"});
}

TEST_CASE("cli: status tells a cache that is behind the store, and one that was never built") {
  const Cli cli;
  seeded(cli);
  cli.write("b.csv", table({"5009,6009,1146,7000"}));
  REQUIRE(cli({"import", "b.csv", "--store", "t.db"}).code == 0);
  const Ended behind = cli({"status", "--store", "t.db"});
  CHECK(behind.code == 1);
  CHECK(missing_in(behind.out, {"state    warning", ", behind the store",
                                "the cache is behind the store; see rebuild-cache"}) == "");
  CHECK(cli.json({"status", "--store", "t.db"})["cache"]["behind"] == true);
  REQUIRE(cli({"rebuild-cache", "--only", "facts", "--store", "t.db"}).code == 0);
  CHECK(cli({"status", "--store", "t.db"}).code == 1);
  REQUIRE(cli({"rebuild-cache", "--store", "t.db"}).code == 0);
  CHECK(cli({"status", "--store", "t.db"}).code == 0);

  REQUIRE(cli({"import", "b.csv", "--store", "u.db"}).code == 0);
  const Ended never = cli({"status", "--store", "u.db"});
  CHECK(never.code == 1);
  CHECK(missing_in(never.out, {"never built", "the cache was never built; see rebuild-cache"}) ==
        "");
}

TEST_CASE("cli: an import that changes nothing leaves the cache as good as it was") {
  const Cli cli;
  seeded(cli);
  REQUIRE(cli({"import", "a.csv", "--store", "t.db"}).code == 0);
  CHECK(cli({"status", "--store", "t.db"}).code == 0);
}

TEST_CASE("cli: status names a cache file that is not there and makes none") {
  const Cli cli;
  seeded(cli);
  const Ended ended = cli({"status", "--store", "t.db", "--cache", "c.db"});
  CHECK_FALSE(fs::exists(cli / "c.db"));
  CHECK(ended.code == 1);
  CHECK(missing_in(ended.out, {"c.db", "never built"}) == "");
}

TEST_CASE("cli: status of an empty store") {
  const Cli cli;
  REQUIRE(cli({"uid", "reserve", "--kind", "fact", "--store", "t.db"}).code == 0);
  const Ended ended = cli({"status", "--store", "t.db"});
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.out, {"0 facts, 0 entities", "seed     never", "never built"}) == "");
}

TEST_CASE("cli: status of a store that the caller may only read") {
  const Cli cli;
  seeded(cli);
  fs::remove(cli / "t.db-wal");
  fs::remove(cli / "t.db-shm");
  fs::permissions(cli / "t.db", fs::perms::owner_read);
  fs::permissions(cli.path(), fs::perms::owner_read | fs::perms::owner_exec);
  Launch launch = cli.launch({"status", "--store", "t.db"});
  launch.privileged = false;
  const Ended ended = run(launch);
  fs::permissions(cli.path(), fs::perms::owner_all);
  CHECK(ended.code == 0);
  CHECK(ended.err == "");
  CHECK(missing_in(ended.out, {"2 facts, 3 entities"}) == "");
}

TEST_CASE("cli: status --deep computes some of the cache anew, and tells how much differs") {
  const Cli cli;
  cli.write("many.csv", many_facts(2'000, false));
  REQUIRE(cli({"seed", "many.csv"}).code == 0);
  CHECK(cli.json({"status"})["cache"]["compared"] == nullptr);
  const Json good = cli.json({"status", "--deep"});
  CHECK(good["state"] == "ok");
  CHECK(good["cache"]["compared"].get<int>() > 100);
  CHECK(good["cache"]["differing"] == 0);
  Sql(cli / "prism.db").execute("UPDATE cache_facts SET members = '[1]'");
  CHECK(cli({"status"}).code == 0);
  const Ended bad = cli({"status", "--deep"});
  CHECK(bad.code == 1);
  CHECK(missing_in(bad.out, {"problem  100 of ", " keys of the cache differ"}) == "");
  REQUIRE(cli({"rebuild-cache"}).code == 0);
  CHECK(cli({"status", "--deep"}).code == 0);
}

TEST_CASE("cli: status --deep compares no cache that is behind the store anyway") {
  const Cli cli;
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  cli.write("b.csv", table({"5002,6002,1146,7000"}));
  REQUIRE(cli({"seed", "a.csv"}).code == 0);
  REQUIRE(cli({"import", "b.csv"}).code == 0);
  const Json json = cli.json({"status", "--deep"});
  CHECK(json["cache"]["behind"] == true);
  CHECK(json["cache"]["compared"] == nullptr);
}

}  // namespace prism::test
