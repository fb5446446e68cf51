#include <doctest/doctest.h>

#include "support/backed_up_system.hpp"

namespace prism::test {
namespace fs = std::filesystem;

TEST_CASE("cli: backup: a whole system, by its own environment file, into a bucket and back") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  const std::string before = system.state();
  const Ended made = system.run({"backup"});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(missing_in(made.out, {"store: ", "cache: ", "facts: ", "complete"}) == "");
  const Ended verified = system.run({"backup", "verify"});
  CAPTURE(verified.out);
  CHECK(verified.code == 0);

  system.wreck();
  REQUIRE(system.state() != before);
  const Ended restored = system.run({"restore", "latest", "--force"});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(missing_in(restored.out, {"what was there is kept as backup", "public.person 2"}) == "");
  CHECK(system.state() == before);
}

TEST_CASE("cli: backup: a restore test of databases and servers says what it saw") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  const std::string before = system.state();
  REQUIRE(system.run({"backup"}).code == 0);
  const Ended tested = system.run({"backup", "verify", "--restore-test", "--json"});
  CAPTURE(tested.err);
  CAPTURE(tested.out);
  REQUIRE(tested.code == 0);
  const Json document = Json::parse(tested.out);
  std::string checks;
  for (const Json& target : document.at("backups").at(0).at("targets")) {
    CHECK(target.at("outcome") == "good");
    for (const Json& check : target.at("checks"))
      checks += check.at("what").get<std::string>() + ";";
  }
  CHECK(missing_in(checks,
                   {"number of public.person;", "digest of the rows of public.person;",
                    "number of db0 keys;", "digest of dump.rdb;", "SHA-256 of the file;"}) == "");
  CHECK(system.state() == before);
}

TEST_CASE("cli: backup: a restore of Redis that was cut off is critical until it is finished") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  const std::string before = system.state();
  REQUIRE(system.run({"backup"}).code == 0);
  RedisCli queue(system.queue_url());
  system.wreck();
  queue({"HSET", "prismctl:restore", "started", "2026-11-21T10:00:00Z", "host", "db1", "what",
         "dump.rdb"});
  const Ended status = system.run({"status", "--cache", "none"});
  CHECK(status.code == 2);
  CHECK(missing_in(status.out, {"target cache: ", "restore it again to finish it"}) == "");
  const Ended restored = system.run({"restore", "latest", "--target", "cache"});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(queue.integer({"EXISTS", "prismctl:restore"}) == 0);
  CHECK(queue.integer({"ZCARD", "arq:queue"}) == 2);
}

TEST_CASE("cli: backup: a server that is away fails its target, the others are kept") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  system.cli.write("system.env",
                   "REDIS_URL=redis://127.0.0.1:1\nDATABASE_URL=sqlite:///facts.db\n");
  const Ended made = system.run({"backup"});
  CHECK(made.code == 2);
  CHECK(missing_in(made.out, {"cache: failed: ", "store: ", "incomplete"}) == "");
}

TEST_CASE("cli: backup: a database goes into another one by its URL") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  REQUIRE(system.run({"backup"}).code == 0);
  system.wreck();
  const PostgresDatabase other;
  const Ended restored =
      system.run({"restore", "latest", "--target", "store", "--into", other.url()});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(other.text("SELECT count(*) FROM person WHERE name IN ('Nora', 'Emil')") == "2");
  CHECK(missing_in(restored.out, {other.name()}) == "");
}

TEST_CASE("cli: backup: a restore test doesn't take a target for its scratch place") {
  if (!has_backup_servers()) return;
  const BackedUpSystem system;
  const std::string before = system.state();
  REQUIRE(system.run({"backup"}).code == 0);
  const std::string url = system.database_url();
  system.cli.write("prismctl.toml",
                   "[targets.store]\nurl = '" + url + "'\nscratch = '" + url + "'\n");
  fs::permissions(system.cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  const Ended tested = system.run({"backup", "verify", "--restore-test"});
  CHECK(tested.code == 1);
  CHECK(missing_in(tested.out, {"store: not tested: ", "this is the target store itself"}) == "");
  CHECK(system.state() == before);
}

}  // namespace prism::test
