// The real binary on real clusters under load: any moment between backups.
#include <fstream>
#include <thread>

#include <doctest/doctest.h>
#include <pqxx/pqxx>

#include "cli/cli.hpp"
#include "support/paths.hpp"
#include "support/postgres_cluster.hpp"
#include "support/services.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> archiving(const fs::path& repository) {
  return {"archive_mode = on",
          "archive_command = '" + prismctl_program().string() + " --repository " +
              repository.string() + " wal push %p'",
          "wal_level = replica", "max_wal_senders = 5"};
}

/// Of the rows that are there: how many, and which.
constexpr const char* kCommitted = "SELECT concat(count(*), ' ', sum(n)) FROM commits";

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
    cluster.execute("CREATE TABLE commits (n bigserial, words text DEFAULT repeat('x', 300))");
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

  /// All that is there by now is in the repository.
  static void archive(const PostgresCluster& of) {
    const std::string last = of.text("SELECT pg_walfile_name(pg_switch_wal())");
    REQUIRE(comes_true([&] {
      return of.text("SELECT coalesce(last_archived_wal >= '" + last +
                     "' AND last_archived_wal ~ '^[0-9A-F]{24}$', false) FROM pg_stat_archiver") ==
             "t";
    }));
  }

  Ended restore(const Words& more) const {
    Words words{"restore", "latest", "--type", "full", "--into", data, "--delta"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  /// What a server on the restored folder says once it has come to its target.
  std::string restored() const {
    PostgresCluster server(
        {.lines = {"archive_mode = off"}, .data = data, .password = cluster.password()});
    REQUIRE(comes_true([&] { return server.text("SELECT pg_is_in_recovery()") == "f"; }));
    const std::string committed = server.text(kCommitted);
    server.stop();
    return committed;
  }

  ServerFolder folder;
  fs::path repository, data;
  PostgresCluster cluster;
  Variables variables;
  Cli cli;
};

/// pgbench's own transactions, and rows that are committed one by one, for as long as it lives.
class Load {
 public:
  explicit Load(const PostgresCluster& cluster) : cluster_(cluster) {
    std::ofstream(script()) << "INSERT INTO commits DEFAULT VALUES;\n";
    ServerFolder::give(script());
    thread_ = std::thread([this] {
      while (!end_) {
        (void)cluster_.run("pgbench", {"-n", "-T", "1", "-c", "3", "-f", script().string(), "-b",
                                       "tpcb-like", cluster_.url()});
      }
    });
  }
  ~Load() {
    end_ = true;
    thread_.join();
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// Returns once some more rows are committed.
  void go_on() const {
    const std::string count = "SELECT count(*) FROM commits";
    const long before = std::stol(cluster_.text(count));
    REQUIRE(comes_true([&] { return std::stol(cluster_.text(count)) > before + 20; }));
  }

 private:
  fs::path script() const { return folder_ / "commit.sql"; }

  const PostgresCluster& cluster_;
  ServerFolder folder_;
  std::atomic<bool> end_ = false;
  std::thread thread_;
};

void make_tables(const PostgresCluster& cluster) {
  REQUIRE(cluster.run("pgbench", {"-i", "-q", "-s", "1", cluster.url()}).code == 0);
}

}  // namespace

TEST_CASE("cli: physical: ten moments under load, each as it was") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  make_tables(scene.cluster);
  std::vector<Moment> moments;
  {
    const Load load(scene.cluster);
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
  Scene::archive(scene.cluster);
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
  make_tables(scene.cluster);
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  for (int i = 0; i < 3; ++i) {
    {
      const Load load(scene.cluster);
      load.go_on();
      scene.cluster.kill();
    }
    scene.cluster.start();
  }
  const std::string committed = scene.cluster.text(kCommitted);
  Scene::archive(scene.cluster);
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
  Scene::archive(*standby);
  const Ended made = scene.restore({"--to-time", "latest"});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  CHECK(scene.restored() == committed);
  REQUIRE(scene.restore({"--to-lsn", before.lsn, "--timeline", "current"}).code == 0);
  CHECK(scene.restored() == before.committed);
}

}  // namespace prism::test
