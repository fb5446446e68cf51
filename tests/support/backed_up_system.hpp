#pragma once

#include "cli/cli.hpp"
#include "support/postgres.hpp"
#include "support/redis.hpp"
#include "support/s3.hpp"
#include "support/services.hpp"

namespace prism::test {

inline bool has_backup_servers() {
  return has_service("PRISM_TEST_POSTGRES") && has_service("PRISM_TEST_REDIS") &&
         has_service("PRISM_TEST_S3");
}

/// A system of a database, a queue and a store of facts, whose own environment file names them, and
/// a repository in a bucket.
class BackedUpSystem {
 public:
  BackedUpSystem()
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
    std::filesystem::permissions(cli / "system.env", std::filesystem::perms::owner_read |
                                                         std::filesystem::perms::owner_write);
    cli.write("base.csv", table({"5001,6001,1146,7000", "5002,6002,1146,7000"}));
    REQUIRE(cli({"seed", "base.csv", "--store", "facts.db", "--cache", "none"}).code == 0);
  }

  /// prismctl, with all that it has to know of the system.
  Launch launch(Words words) const {
    words.insert(words.end(),
                 {"--env-file", "system.env", "--store", "facts.db", "--repository", repository_});
    return cli.launch(words, {{"PRISMCTL_S3_ENDPOINT", s3_.settings.endpoint},
                              {"PRISMCTL_S3_ACCESS_KEY", s3_.settings.access_key},
                              {"PRISMCTL_S3_SECRET_KEY", s3_.settings.secret_key}});
  }

  Ended run(const Words& words) const {
    Process process(launch(words));
    return process.wait();
  }

  std::string people() const {
    return database_.text("SELECT string_agg(id || name, ',' ORDER BY id) FROM person");
  }

  std::string state() const {
    RedisCli queue(queue_url_);
    return people() + " " + std::to_string(queue.integer({"ZCARD", "arq:queue"})) +
           queue.text({"GET", "session"}) + " " +
           Sql(cli / "facts.db").text("SELECT group_concat(fact_uid) FROM fact");
  }

  void wreck() const {
    database_.execute("UPDATE person SET name = 'nobody'; DELETE FROM person WHERE id = 2");
    RedisCli queue(queue_url_);
    queue({"FLUSHALL"});
    Sql(cli / "facts.db").execute("DELETE FROM fact WHERE fact_uid = 5001");
  }

  const std::string& repository() const { return repository_; }
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

}  // namespace prism::test
