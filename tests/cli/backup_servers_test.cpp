#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/postgres.hpp"
#include "support/redis.hpp"
#include "support/s3.hpp"
#include "support/services.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

bool has_servers() {
  return has_service("PRISM_TEST_POSTGRES") && has_service("PRISM_TEST_REDIS") &&
         has_service("PRISM_TEST_S3");
}

/// A system of a database, a queue and a store of facts, whose own environment file names them, and
/// a repository in a bucket.
class System {
 public:
  System()
      : queue_("redis"),
        queue_url_(queue_.value("PRISM_TEST_REDIS")),
        repository_(new_s3_url()),
        s3_(minio_options()) {
    database_.execute("CREATE TABLE person (id serial PRIMARY KEY, name text)");
    database_.execute("INSERT INTO person (name) VALUES ('Nora'), ('Emil')");
    RedisCli queue(queue_url_);
    queue({"ZADD", "arq:queue", "1", "job1", "2", "job2"});
    queue({"SET", "session", "s", "PX", "90000000"});
    cli.write("system.env",
              "DATABASE_URL='" + database_.url() + "'\nREDIS_URL=" + queue_url_ + "\n");
    fs::permissions(cli / "system.env", fs::perms::owner_read | fs::perms::owner_write);
    cli.write("base.csv", table({"5001,6001,1146,7000", "5002,6002,1146,7000"}));
    REQUIRE(cli({"seed", "base.csv", "--store", "facts.db", "--cache", "none"}).code == 0);
  }

  Ended run(Words words) const {
    words.insert(words.end(),
                 {"--env-file", "system.env", "--store", "facts.db", "--repository", repository_});
    return cli(words, {{"PRISMCTL_S3_ENDPOINT", s3_.settings.endpoint},
                       {"PRISMCTL_S3_ACCESS_KEY", s3_.settings.access_key},
                       {"PRISMCTL_S3_SECRET_KEY", s3_.settings.secret_key}});
  }

  std::string state() const {
    RedisCli queue(queue_url_);
    return database_.text("SELECT string_agg(id || name, ',' ORDER BY id) FROM person") + " " +
           std::to_string(queue.integer({"ZCARD", "arq:queue"})) + queue.text({"GET", "session"}) +
           " " + Sql(cli / "facts.db").text("SELECT group_concat(fact_uid) FROM fact");
  }

  void wreck() const {
    database_.execute("UPDATE person SET name = 'nobody'; DELETE FROM person WHERE id = 2");
    RedisCli queue(queue_url_);
    queue({"FLUSHALL"});
    Sql(cli / "facts.db").execute("DELETE FROM fact WHERE fact_uid = 5001");
  }

  const std::string& queue_url() const { return queue_url_; }
  std::string database_url() const { return database_.url(); }

  Cli cli;

 private:
  PostgresDatabase database_;
  PrivateServer queue_;
  std::string queue_url_;
  std::string repository_;
  s3::ClientOptions s3_;
};

}  // namespace

TEST_CASE("cli: backup: a whole system, by its own environment file, into a bucket and back") {
  if (!has_servers()) return;
  const System system;
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
  if (!has_servers()) return;
  const System system;
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
  if (!has_servers()) return;
  const System system;
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
  if (!has_servers()) return;
  const System system;
  system.cli.write("system.env",
                   "REDIS_URL=redis://127.0.0.1:1\nDATABASE_URL=sqlite:///facts.db\n");
  const Ended made = system.run({"backup"});
  CHECK(made.code == 2);
  CHECK(missing_in(made.out, {"cache: failed: ", "store: ", "incomplete"}) == "");
}

TEST_CASE("cli: backup: a database goes into another one by its URL") {
  if (!has_servers()) return;
  const System system;
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
  if (!has_servers()) return;
  const System system;
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
