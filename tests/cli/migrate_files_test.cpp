#include <doctest/doctest.h>
#include <pqxx/pqxx>

#include "cli/cli.hpp"
#include "support/postgres.hpp"
#include "support/services.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

/// A system: a database, an env file that names it, and a folder for its migrations.
class System {
 public:
  explicit System(const std::string& parameters = "", const std::string& server = postgres_server())
      : database_(server) {
    cli_.write(".env", "DATABASE_URL='" + database_.url() + parameters + "'\n");
  }

  void write(const std::string& name, const std::string& sql) const {
    cli_.write("m/" + name, sql);
  }
  void remove(const std::string& name) const { std::filesystem::remove(cli_ / ("m/" + name)); }

  Words words(const Words& more) const {
    Words words{"migrate", "--env-file", ".env", "--dir", "m", "--target", "store"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Ended migrate(const Words& more = {}) const { return cli_(words(more)); }

  /// `1 001_a.sql, 2 …` of the journal.
  std::string applied(const std::string& schema = "public") const {
    return database_.text(
        "SELECT coalesce(string_agg(version || ' ' || name, ', ' ORDER BY "
        "version), '') FROM " +
        schema + ".prismctl_migration");
  }
  bool has(const std::string& relation) const {
    return database_.text("SELECT to_regclass('" + relation + "') IS NOT NULL") == "t";
  }

  const Cli& cli() const { return cli_; }
  const PostgresDatabase& database() const { return database_; }

 private:
  Cli cli_;
  PostgresDatabase database_;
};

/// Skips the rest of the case where there is no server.
#define REQUIRE_POSTGRES() \
  if (!has_service("PRISM_TEST_POSTGRES")) return

}  // namespace

TEST_CASE("cli: migrate --dir applies a system's files once each and takes them back") {
  REQUIRE_POSTGRES();
  const System system;
  system.write("001_initial.sql", "CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);");
  system.write("002_b.up.sql", "CREATE TABLE b (x int);");
  system.write("002_b.down.sql", "DROP TABLE b;");
  const Ended first = system.migrate();
  CHECK(first.err == "");
  CHECK(first.code == 0);
  CHECK(first.out == "up   001_initial.sql\nup   002_b.up.sql\nschema version 0 is now 2\n");
  CHECK(system.applied() == "1 001_initial.sql, 2 002_b.up.sql");
  CHECK(system.migrate().out == "schema version 2: nothing to do\n");
  CHECK(system.database().integer("SELECT count(*) FROM a") == 1);
  const Ended down = system.migrate({"--to", "1"});
  CHECK(down.out == "down 002_b.down.sql\nschema version 2 is now 1\n");
  CHECK_FALSE(system.has("b"));
  CHECK(system.applied() == "1 001_initial.sql");
  const Ended no_way = system.migrate({"--to", "0"});
  CHECK(no_way.code == 73);
  CHECK(missing_in(no_way.err, {"version 1 (001_initial.sql) has no way back",
                                "HINT: it would be in 001_initial.down.sql"}) == "");
  system.write("003_c.sql", "CREATE TABLE c (x int);");
  CHECK(system.migrate({"--to", "2"}).code == 0);
  CHECK_FALSE(system.has("c"));
  const Ended unknown = system.migrate({"--to", "7"});
  CHECK(unknown.code == 64);
  CHECK(missing_in(unknown.err, {"no version 7", "0, 1, 2, 3"}) == "");
}

TEST_CASE("cli: migrate --dir --dry-run prints the SQL and changes nothing") {
  REQUIRE_POSTGRES();
  const System system;
  system.write("1_a.sql", "CREATE TABLE a (x int);");
  system.write("1_a.down.sql", "DROP TABLE a;\n");
  const Ended up = system.migrate({"--dry-run"});
  CHECK(up.out == "-- up 1: 1_a.sql\nCREATE TABLE a (x int);\n-- version 0 of 1\n");
  CHECK_FALSE(system.has("public.prismctl_migration"));
  CHECK(system.migrate().code == 0);
  const Ended down = system.migrate({"--dry-run", "--to", "0"});
  CHECK(down.out == "-- down 1: 1_a.down.sql\nDROP TABLE a;\n-- version 1 of 1\n");
  CHECK(system.has("a"));
  Json json = system.cli().json(system.words({"--to", "0"}));
  CHECK(json["target"] == "store");
  CHECK(json["version"] == 1);
  CHECK(json["to"] == 0);
  CHECK(json["steps"][0]["name"] == "1_a.sql");
  CHECK(json["steps"][0]["direction"] == "down");
}

TEST_CASE("cli: migrate --dir: a file that fails leaves the version before, and says where") {
  REQUIRE_POSTGRES();
  const System system;
  system.write("1_a.sql", "CREATE TABLE a (x int);");
  system.write("2_b.sql", "CREATE TABLE b (x int);\n\nSELECT\n  1 FROM nowhere;\nSELECT 2;");
  const Ended failed = system.migrate();
  CHECK(failed.code == 65);
  CHECK(missing_in(failed.err,
                   {"2_b.sql: line 4: relation \"nowhere\" does not exist (SQLSTATE 42P01)",
                    "HINT: nothing of it was stored: version 1 stays"}) == "");
  CHECK(system.applied() == "1 1_a.sql");
  CHECK_FALSE(system.has("b"));
  system.write("2_b.sql", "\nCREATE TABLE b (x int);\n CREATE TABLE a (x int);");
  CHECK(missing_in(system.migrate().err,
                   {"2_b.sql: line 3: relation \"a\" already exists (SQLSTATE 42P07)"}) == "");
  system.write("2_b.sql",
               "CREATE TABLE p (x int PRIMARY KEY);\nCREATE TABLE b (x int REFERENCES p "
               "DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO b VALUES (1);");
  CHECK(missing_in(system.migrate().err, {"2_b.sql: insert or update on table", "23503"}) == "");
  CHECK_FALSE(system.has("b"));
  system.write("2_b.sql", "CREATE TABLE b (x int);");
  CHECK(system.migrate().code == 0);
  CHECK(system.has("b"));
}

TEST_CASE("cli: migrate --dir refuses files that changed or come too late, before anything") {
  REQUIRE_POSTGRES();
  const System system;
  system.write("2_b.sql", "CREATE TABLE b (x int);");
  CHECK(system.migrate().code == 0);
  system.write("1_a.sql", "CREATE TABLE a (x int);");
  const Ended late = system.migrate();
  CHECK(late.code == 73);
  CHECK(missing_in(late.err, {"1_a.sql: was not applied, but version 2 was", "HINT: give it"}) ==
        "");
  system.remove("1_a.sql");
  system.write("2_b.sql", "CREATE TABLE b (x bigint);");
  system.write("3_c.sql", "CREATE TABLE c (x int);");
  const Ended changed = system.migrate();
  CHECK(changed.code == 73);
  CHECK(missing_in(changed.err, {"2_b.sql: changed since it was applied: SHA-256 was ",
                                 system.database().text("SELECT checksum FROM prismctl_migration"),
                                 ", is ", "HINT: put it back"}) == "");
  system.remove("2_b.sql");
  const Ended missing = system.migrate();
  CHECK(missing.code == 0);
  CHECK(missing_in(missing.err, {"warning: 2_b.sql: was applied to this database and is no longer "
                                 "there"}) == "");
  CHECK(system.applied() == "2 2_b.sql, 3 3_c.sql");
  system.remove("3_c.sql");
  system.write("1_a.sql", "SELECT 1");
  CHECK(system.migrate().code == 73);
}

TEST_CASE("cli: migrate --dir checks all files before it applies one") {
  REQUIRE_POSTGRES();
  const System system;
  system.write("1_a.sql", "CREATE TABLE a (x int);");
  system.write("2_b.sql", "CREATE TABLE b (x int);\nCOMMIT;");
  const Ended ended = system.migrate();
  CHECK(ended.code == 65);
  CHECK(missing_in(ended.err, {"m/2_b.sql: line 2: COMMIT in a migration", "HINT: take it out"}) ==
        "");
  CHECK_FALSE(system.has("a"));
}

TEST_CASE("cli: migrate --dir: two runs at once apply nothing twice") {
  REQUIRE_POSTGRES();
  const System system;
  system.write("1_a.sql", "CREATE TABLE a (x int); SELECT pg_sleep(0.3);");
  system.write("2_b.sql", "INSERT INTO a VALUES (1); SELECT pg_sleep(0.3);");
  Process first(system.cli().launch(system.words({"--lock-wait", "60"})));
  Process second(system.cli().launch(system.words({"--lock-wait", "60"})));
  const Ended one = first.wait();
  const Ended two = second.wait();
  CHECK(one.err + two.err == "");
  CHECK(one.code + two.code == 0);
  CHECK(system.applied() == "1 1_a.sql, 2 2_b.sql");
  CHECK(system.database().integer("SELECT count(*) FROM a") == 1);
}

TEST_CASE("cli: migrate --dir waits for another run no longer than it is told") {
  REQUIRE_POSTGRES();
  const System system;
  system.write("1_a.sql", "CREATE TABLE a (x int);\nSELECT pg_sleep(20);");
  Process first(system.cli().launch(system.words({})));
  const auto locks = [&] {
    // Other tests have theirs in other databases.
    return system.database().integer(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())");
  };
  REQUIRE(comes_true([&] { return locks() > 0; }));
  const Ended second = system.migrate();
  CHECK(second.code == 75);
  CHECK(missing_in(second.err, {"another run migrates this database (server process ",
                                "HINT: wait for it with --lock-wait SECONDS"}) == "");
}

TEST_CASE("cli: migrate --dir: what a file sets ends with it") {
  REQUIRE_POSTGRES();
  const System system;
  system.database().execute("CREATE ROLE IF_NEEDED_" + system.database().name());
  system.write("1_a.sql", "SET search_path = '';\nSET ROLE if_needed_" + system.database().name() +
                              ";\nSELECT pg_catalog.set_config('lock_timeout', '1', false);");
  system.write("2_b.sql", "CREATE TABLE b (x int);\nDO $$ BEGIN RAISE NOTICE 'here'; END $$;");
  const Ended ended = system.migrate();
  CHECK(ended.code == 0);
  CHECK(missing_in(ended.err, {"here"}) == "");
  CHECK(system.has("public.b"));
  system.database().execute("DROP ROLE if_needed_" + system.database().name());
}

TEST_CASE("cli: migrate --dir works in the schema that a system's URL names") {
  REQUIRE_POSTGRES();
  const System system("?schema=My%20App&connection_limit=3");
  system.write("1_a.sql", "CREATE TYPE mood AS ENUM ('ok');");
  system.write("2_b.sql", "ALTER TYPE mood ADD VALUE 'bad';");
  system.write("3_c.sql", "CREATE TABLE c (x mood DEFAULT 'bad');");
  const Ended ended = system.migrate();
  CHECK(ended.err == "");
  CHECK(ended.code == 0);
  CHECK(system.has("\"My App\".c"));
  CHECK(system.applied("\"My App\"") == "1 1_a.sql, 2 2_b.sql, 3 3_c.sql");
}

TEST_CASE("cli: migrate --dir works through PgBouncer in transaction mode") {
  if (!has_service("PRISM_TEST_PGBOUNCER")) return;
  const System system("", *service("PRISM_TEST_PGBOUNCER"));
  for (int i = 1; i <= 9; ++i) {
    system.write(std::to_string(i) + "_a.sql",
                 "CREATE TABLE a" + std::to_string(i) + " (x int); SELECT pg_sleep(0.05)");
  }
  Process first(system.cli().launch(system.words({"--lock-wait", "60"})));
  Process second(system.cli().launch(system.words({"--lock-wait", "60"})));
  const Ended one = first.wait();
  const Ended two = second.wait();
  CHECK(one.err + two.err == "");
  CHECK(one.code + two.code == 0);
  CHECK(system.database().integer("SELECT count(*) FROM prismctl_migration") == 9);
}

TEST_CASE("cli: migrate --dir: a server that can't be reached, and one that says no") {
  REQUIRE_POSTGRES();
  const System system;
  system.write("1_a.sql", "SELECT 1");
  const auto with = [&](const std::string& url) {
    return system.cli()({"migrate", "--dir", "m", "--target", "store"}, {{"DATABASE_URL", url}});
  };
  const Ended unreachable = with("postgresql://prism:s3cret@127.0.0.1:1/x");
  CHECK(unreachable.code == 69);
  CHECK(missing_in(unreachable.err, {"127.0.0.1"}) == "");
  CHECK(unreachable.err.find("s3cret") == std::string::npos);
}

TEST_CASE("cli: status tells which version of its migrations a target has, and what is pending") {
  REQUIRE_POSTGRES();
  const System system;
  const Cli& cli = system.cli();
  cli.write("prismctl.toml",
            "[targets.store]\nurl = '" + system.database().url() + "'\nmigrations = 'm'\n");
  std::filesystem::permissions(cli / "prismctl.toml", std::filesystem::perms::owner_read |
                                                          std::filesystem::perms::owner_write);
  system.write("001_a.sql", "CREATE TABLE a (id int);");
  system.write("002_b.sql", "CREATE TABLE b (id int);");
  const Words status{"status", "store"};
  const Ended before = cli(status);
  CHECK(before.code == 1);
  CHECK(missing_in(before.out, {"schema 0 of 2", "store: pending migrations: 2, warning from 1"}) ==
        "");
  REQUIRE(cli({"migrate", "--dir", "m", "--target", "store"}).code == 0);
  const Ended after = cli(status);
  CHECK(after.code == 0);
  CHECK(missing_in(after.out, {"schema 2 of 2"}) == "");
  system.write("003_c.sql", "CREATE TABLE c (id int);");
  CHECK(cli({"status", "store", "--warn", "migrations_pending=2"}).code == 0);
  system.write("001_a.sql", "CREATE TABLE other (id int);");
  const Ended changed = cli(status);
  CHECK(changed.code == 1);
  CHECK(missing_in(changed.out, {"store: migrations: ", "001_a.sql"}) == "");
  std::filesystem::remove_all(cli / "m");
  CHECK(cli(status).code == 1);
}

}  // namespace prism::test
