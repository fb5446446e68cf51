// The real binary on real clusters under load: any moment between backups.
#include <doctest/doctest.h>
#include <pqxx/pqxx>

#include "cli/cli.hpp"
#include "support/cluster_load.hpp"
#include "support/postgres_cluster.hpp"
#include "support/services.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A moment, and what had been committed then.
struct Moment {
  std::string time, lsn, name, committed;
};

/// A cluster that archives into a repository of a folder that it may write to.
struct Scene {
  Scene()
      : repository(folder.make("repository")),
        data(folder.make("data")),
        cluster({.lines = archiving(repository)}) {
    make_commits(cluster);
    variables["DATABASE_URL"] = cluster.url();
    variables["PRISMCTL_REPOSITORY"] = repository.string();
  }

  Ended run(const Words& words) const { return cli(words, variables); }

  /// What is committed can't change while it is taken: who writes is waited for, or waits.
  Moment take_moment(const std::string& name) const {
    pqxx::connection connection(cluster.url());
    pqxx::work work(connection);
    work.exec0("LOCK TABLE commits IN EXCLUSIVE MODE");
    const auto row = work.exec1(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
        "pg_current_wal_insert_lsn()");
    Moment moment{row[0].c_str(), row[1].c_str(), name, work.exec1(kCommitted)[0].c_str()};
    work.exec1("SELECT pg_create_restore_point(" + work.quote(name) + ")");
    // The next commit is of a later microsecond.
    work.exec1("SELECT pg_sleep(0.001)");
    work.commit();
    return moment;
  }

  Ended restore(const Words& more) const {
    Words words{"restore", "latest", "--type", "full", "--into", data, "--delta"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  std::string restored() const { return text_in_restored(data, cluster); }

  ServerFolder folder;
  fs::path repository, data;
  PostgresCluster cluster;
  Variables variables;
  Cli cli;
};

}  // namespace

TEST_CASE("cli: physical: ten moments under load, each as it was") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  make_pgbench_tables(scene.cluster);
  std::vector<Moment> moments;
  {
    const ClusterLoad load(scene.cluster);
    load.go_on();
    const Ended made = scene.run({"backup", "--type", "full"});
    CAPTURE(made.err);
    REQUIRE(made.code == 0);
    for (int i = 0; i < 10; ++i) {
      load.go_on();
      if (i == 5) REQUIRE(scene.run({"backup", "--type", "delta"}).code == 0);
      moments.push_back(scene.take_moment("moment-" + std::to_string(i)));
    }
    load.go_on();
  }
  archive_all(scene.cluster);
  const std::string first =
      scene.cli.json({"backup", "list"}, scene.variables).at("backups").at(0).at("id");
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const Moment& moment = moments[i];
    const std::vector<Words> ways{
        {"--to-time", moment.time}, {"--to-lsn", moment.lsn}, {"--to-name", moment.name}};
    Words words = ways[i % ways.size()];
    CAPTURE(words[0]);
    CAPTURE(i);
    Ended made = scene.restore(words);
    if (words[0] == "--to-name") {  // the newest copy may be of a later moment
      made = scene.run({"restore", first, "--type", "full", "--into", scene.data, "--delta",
                        words[0], words[1]});
    }
    CAPTURE(made.err);
    REQUIRE(made.code == 0);
    CHECK(scene.restored() == moment.committed);
  }
}

TEST_CASE("cli: physical: nothing that was committed is lost with a server that is killed") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Scene scene;
  make_pgbench_tables(scene.cluster);
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  for (int i = 0; i < 3; ++i) {
    {
      const ClusterLoad load(scene.cluster);
      load.go_on();
      scene.cluster.kill();
    }
    scene.cluster.start();
  }
  const std::string committed = scene.cluster.text(kCommitted);
  archive_all(scene.cluster);
  REQUIRE(scene.restore({"--to-time", "latest"}).code == 0);
  CHECK(scene.restored() == committed);
}

TEST_CASE("cli: physical: a recovery goes over to the timeline of a standby that was promoted") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Scene scene;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const auto standby = scene.cluster.make_standby();
  scene.cluster.execute("INSERT INTO commits SELECT FROM generate_series(1, 100)");
  const std::string lsn = scene.cluster.text("SELECT pg_current_wal_lsn()");
  REQUIRE(comes_true(
      [&] { return standby->text("SELECT pg_last_wal_replay_lsn() >= '" + lsn + "'") == "t"; }));
  const Moment before = scene.take_moment("before");
  scene.cluster.stop();
  standby->promote();
  standby->execute("INSERT INTO commits SELECT FROM generate_series(1, 50)");
  const std::string committed = standby->text(kCommitted);
  archive_all(*standby);
  const Ended made = scene.restore({"--to-time", "latest"});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(scene.restored() == committed);
  REQUIRE(scene.restore({"--to-lsn", before.lsn, "--timeline", "current"}).code == 0);
  CHECK(scene.restored() == before.committed);
}

}  // namespace prism::test
