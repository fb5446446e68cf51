#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {

namespace fs = std::filesystem;

TEST_CASE("cli: migrate brings a store to a version and back") {
  const Cli cli;
  const Ended up = cli({"migrate", "--store", "t.db"});
  CHECK(up.code == 0);
  CHECK(up.out == "up   migration 1 (facts, entities, UIDs and runs)\nschema version 0 is now 1\n");
  CHECK(cli({"migrate", "--store", "t.db"}).out == "schema version 1: nothing to do\n");
  const Ended down = cli({"migrate", "--store", "t.db", "--to", "0"});
  CHECK(down.code == 0);
  CHECK(missing_in(down.out, {"down migration 1", "schema version 1 is now 0"}) == "");
  CHECK(Sql(cli / "t.db").integer("SELECT count(*) FROM sqlite_schema") == 0);
  CHECK(cli({"status", "--store", "t.db"}).code == 78);
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  CHECK(cli({"import", "a.csv", "--store", "t.db"}).code == 0);
  const Ended refused = cli({"migrate", "--store", "t.db", "--to", "0"});
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"t.db: version 0 would drop 1 facts", "HINT: prismctl reset"}) ==
        "");
  CHECK(facts_of(cli / "t.db").size() == 1);
}

TEST_CASE("cli: migrate --dry-run prints the SQL of each step and changes nothing") {
  const Cli cli;
  cli.write("t.db", "");
  const Ended up = cli({"migrate", "--dry-run", "--store", "t.db"});
  CHECK(up.code == 0);
  CHECK(up.out.starts_with(
      "-- up 1: migration 1 (facts, entities, UIDs and runs)\nCREATE TABLE fact"));
  CHECK(up.out.ends_with("\n-- version 0 of 1\n"));
  CHECK(fs::file_size(cli / "t.db") == 0);
  Sql(cli / "t.db").execute(up.out);
  CHECK(Sql(cli / "t.db").integer("SELECT count(*) FROM fact") == 0);
  CHECK(cli({"migrate", "--store", "u.db"}).code == 0);
  const std::string before = content_of(cli / "u.db");
  const Ended down = cli({"migrate", "--dry-run", "--to", "0", "--store", "u.db"});
  CHECK(missing_in(down.out, {"-- down 1: ", "DROP TABLE fact;"}) == "");
  CHECK(content_of(cli / "u.db") == before);
}

TEST_CASE("cli: migrate --json tells versions and steps") {
  const Cli cli;
  Json up = cli.json({"migrate", "--store", "t.db"});
  CHECK(up["version"] == 0);
  CHECK(up["newest"] == 1);
  CHECK(up["to"] == 1);
  CHECK(up["dry_run"] == false);
  CHECK(up["pending"].size() == 1);
  CHECK(up["steps"][0]["version"] == 1);
  CHECK(up["steps"][0]["direction"] == "up");
  CHECK_FALSE(up.contains("target"));
  Json down = cli.json({"migrate", "--store", "t.db", "--to", "0", "--dry-run"});
  CHECK(down["version"] == 1);
  CHECK(down["to"] == 0);
  CHECK(down["steps"][0]["direction"] == "down");
  CHECK(cli.json({"migrate", "--store", "t.db"})["steps"] == Json::array());
}

TEST_CASE("cli: migrate is told what makes no sense") {
  const Cli cli;
  struct Row {
    Words words;
    int code;
    std::vector<std::string> says;
  };
  const std::vector<Row> rows{
      {{"migrate", "--dir", "m"}, 64, {"--dir requires --target"}},
      {{"migrate", "--target", "ops"}, 64, {"--target requires --dir"}},
      {{"migrate", "--to", "2"}, 64, {"there is no version 2", "HINT: known are 0, 1"}},
      {{"migrate", "--to", "-1"}, 64, {"--to"}},
      {{"migrate", "--to", "x"}, 64, {"--to"}},
      {{"migrate", "--to", "0"}, 66, {"prism.db: there is no such store"}},
      {{"migrate", "--dry-run"}, 66, {"prism.db: there is no such store"}},
      {{"migrate", "--dir", "m", "--target", "ops"},
       64,
       {"unknown target 'ops': none is configured", "HINT: name one by DATABASE_URL"}},
  };
  for (const Row& row : rows) {
    CAPTURE(joined(row.words));
    const Ended ended = cli(row.words);
    CHECK(ended.code == row.code);
    CHECK(missing_in(ended.err, row.says) == "");
    fs::remove(cli / "prism.db");
  }
}

TEST_CASE("cli: config shows the targets of a system, without their passwords") {
  const Cli cli;
  CHECK(cli.json({"config"})["targets"] == Json::array());
  cli.write(".env",
            "POSTGRES_AUTH_PASSWORD='a&?@ s3cret'\n"
            "DATABASE_URL=postgresql://u:s3cret@db/x?schema=public\n");
  const Words words{"config", "--env-file", ".env"};
  Json targets = cli.json(words)["targets"];
  REQUIRE(targets.size() == 2);
  CHECK(targets[0]["name"] == "auth");
  CHECK(targets[0]["url"] == "postgresql://prism:***@localhost:5432/prism_auth");
  CHECK(targets[0]["schema"] == nullptr);
  CHECK(targets[1]["name"] == "store");
  CHECK(targets[1]["kind"] == "postgresql");
  CHECK(targets[1]["url"] == "postgresql://u:***@db/x");
  CHECK(targets[1]["schema"] == "public");
  CHECK(targets[1]["from"] == "env file .env: DATABASE_URL");
  const Ended text = cli(words);
  CHECK(missing_in(text.out, {"TARGET", "auth ", "postgresql://u:***@db/x"}) == "");
  CHECK(text.out.find("s3cret") == std::string::npos);
}

}  // namespace prism::test
