// kill -9 of the real binary while it copies clusters under load, and while it restores them.
#include <csignal>
#include <fstream>
#include <functional>

#include <doctest/doctest.h>
#include <pqxx/pqxx>

#include "cli/cli.hpp"
#include "support/cluster_load.hpp"
#include "support/kill.hpp"
#include "support/postgres_cluster.hpp"
#include "support/services.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;
using Milliseconds = std::chrono::milliseconds;

Milliseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
}

/// What was committed by some moment: no row of a lower number comes later.
struct Committed {
  std::string highest, rows;
};

/// A cluster that archives into a repository of a folder that it may write to.
struct Scene {
  Scene()
      : repository(folder.make("repository")),
        data(folder.make("data")),
        cluster({.lines = archiving(repository)}) {
    make_commits(cluster);
    make_pgbench_tables(cluster, 5);
    variables["DATABASE_URL"] = cluster.url();
    variables["PRISMCTL_REPOSITORY"] = repository.string();
  }

  Ended run(const Words& words) const { return cli(words, variables); }
  Json json(const Words& words) const { return cli.json(words, variables); }
  Launch launch(const Words& words) const { return cli.launch(words, variables); }

  Committed committed() const {
    pqxx::connection connection(cluster.url());
    pqxx::work work(connection);
    work.exec0("LOCK TABLE commits IN EXCLUSIVE MODE");
    const std::string highest = work.exec1("SELECT max(n) FROM commits")[0].c_str();
    return {highest, work.exec1(kCommitted)[0].c_str()};
  }

  std::vector<std::string> ids(const std::string& state) const {
    std::vector<std::string> ids;
    const Json list = json({"backup", "list"});
    for (const Json& one : list.at("backups")) {
      if (one.at("state") == state) ids.push_back(one.at("id"));
    }
    return ids;
  }

  /// In the repository: what writers that were killed have not come to the end of.
  std::vector<fs::path> temporary() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(repository)) {
      if (entry.path().filename().string().ends_with(".tmp")) found.push_back(entry.path());
    }
    return found;
  }

  /// What was killed is days old, and so no one's who may be at work elsewhere.
  void make_killed_old() const {
    for (const fs::path& file : temporary()) {
      fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(48));
    }
    for (const std::string& id : ids("partial")) {
      fs::rename(repository / id, repository / ("20200101" + id.substr(8)));
    }
  }

  Words restore(const Words& more = {}) const {
    Words words{"restore", "latest", "--type", "full", "--into", data};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  ServerFolder folder;
  fs::path repository, data;
  PostgresCluster cluster;
  Variables variables;
  Cli cli;
};

/// Runs it once to its end, then kills it at random moments of the time that took, with a delta
/// after each. How many were killed before their end.
int kill_backups(const Scene& scene, const std::string& type, RandomMoments& moments) {
  constexpr int kTimes = 6;
  const Words words{"backup", "--type", type};
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(scene.run(words).code == 0);
  const auto whole = since(begin);
  int killed = 0;
  for (int time = 0; time < kTimes; ++time) {
    CAPTURE(type);
    CAPTURE(time);
    Process backup(scene.launch(words));
    backup.ends_within(moments.within(whole));
    backup.send(SIGKILL);
    if (backup.wait().signal == SIGKILL) ++killed;
    const Ended next = scene.run({"backup", "--type", "delta"});
    CAPTURE(next.err);
    CHECK(next.code == 0);
  }
  return killed;
}

/// Nothing is left of those that were killed, but all of the others.
void check_pruned(const Scene& scene) {
  const std::size_t complete = scene.ids("complete").size();
  scene.make_killed_old();
  const Words prune{"backup", "prune", "--keep-last", "100"};
  const Ended pruned = scene.run(prune);
  CAPTURE(pruned.out);
  CAPTURE(pruned.err);
  CHECK(pruned.code == 0);
  CHECK(scene.json({"backup", "list"}).at("backups").size() == complete);
  CHECK(scene.temporary().empty());
  CHECK(scene.json(prune).at("swept").at("packs") == 0);
  const auto files_in = [&](const char* folder) {
    return std::distance(fs::directory_iterator(scene.repository / folder), {});
  };
  CHECK(files_in("blocks/packs") == files_in("blocks/index"));
}

}  // namespace

TEST_CASE("fault: physical: backups that are killed under load leave good ones and no rest") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Scene scene;
  RandomMoments moments(10);
  Committed before;
  {
    const ClusterLoad load(scene.cluster);
    load.go_on();
    CHECK(kill_backups(scene, "full", moments) > 0);
    CHECK(kill_backups(scene, "delta", moments) > 0);
    before = scene.committed();
    REQUIRE(scene.run({"backup", "--type", "delta"}).code == 0);
    load.go_on();
  }
  CHECK(comes_true(
      [&] { return scene.cluster.text("SELECT count(*) FROM pg_replication_slots") == "0"; }));
  // Its archiver is done once it has stopped: what it writes is no one's rest.
  scene.cluster.stop();
  check_pruned(scene);
  const Ended verified = scene.run({"backup", "verify", "--all"});
  CAPTURE(verified.out);
  CHECK(verified.code == 0);
  CHECK(scene.cli.left_behind().empty());

  scene.cluster.start();
  REQUIRE(scene.run(scene.restore()).code == 0);
  CHECK(text_in_restored(scene.data, scene.cluster,
                         std::string(kCommitted) + " WHERE n <= " + before.highest) == before.rows);
  const std::string all = scene.cluster.text(kCommitted);
  archive_all(scene.cluster);
  REQUIRE(scene.run(scene.restore({"--delta", "--to-time", "latest"})).code == 0);
  CHECK(text_in_restored(scene.data, scene.cluster) == all);
}

namespace {

bool is_marked(const Scene& scene) { return fs::exists(scene.data / ".prismctl-restore"); }

/// Once it has begun with the folder. False where it has ended before.
bool has_begun(const Scene& scene, const Process& restore) {
  return comes_true([&] { return is_marked(scene) || restore.ends_within({}); }) &&
         is_marked(scene);
}

/// From the mark in the folder to the end.
Milliseconds time_of(const Scene& scene, const Words& words) {
  Process restore(scene.launch(words));
  REQUIRE(has_begun(scene, restore));
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(restore.wait().code == 0);
  return since(begin);
}

/// A server doesn't take it for a good one.
void check_refused_by_server(const Scene& scene) {
  if (fs::exists(scene.data / "global/pg_control")) return;  // whole, but for the mark
  ServerFolder::give(scene.data);
  const Ended server = scene.cluster.run("postgres", {"-D", scene.data});
  CHECK(server.code != 0);
  CHECK(server.code != -1);
  CHECK_FALSE(fs::exists(scene.data / "postmaster.pid"));
}

/// The same command again, as it was, says what it finishes and does.
void check_finished(const Scene& scene, const Words& words, const std::string& expected) {
  const Json finished = scene.json(words);
  CAPTURE(finished.dump());
  CHECK_FALSE(finished.at("targets").at(0).at("finished").is_null());
  CHECK_FALSE(is_marked(scene));
  CHECK(text_in_restored(scene.data, scene.cluster) == expected);
}

/// Kills it at random moments behind its first step, until some have left a folder half done.
int kill_restores(const Scene& scene, const Words& words, const std::function<void()>& prepare,
                  const std::string& expected) {
  constexpr int kWanted = 5, kMost = 30;
  RandomMoments moments(20);
  prepare();
  auto whole = time_of(scene, words);
  int half = 0;
  for (int time = 0; time < kMost && half < kWanted; ++time) {
    CAPTURE(time);
    prepare();
    Process restore(scene.launch(words));
    REQUIRE(has_begun(scene, restore));
    const auto begin = std::chrono::steady_clock::now();
    // How long it takes is up to the disk, too.
    if (restore.ends_within(moments.within(whole))) whole = std::min(whole, since(begin));
    restore.send(SIGKILL);
    restore.wait();
    if (!is_marked(scene)) continue;
    ++half;
    check_refused_by_server(scene);
    check_finished(scene, words, expected);
  }
  return half;
}

void empty(const fs::path& folder) {
  fs::remove_all(folder);
  fs::create_directory(folder);
  fs::permissions(folder, fs::perms::owner_all);
  ServerFolder::give(folder);
}

}  // namespace

TEST_CASE("fault: physical: a restore that is killed leaves no folder that a server takes") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  scene.cluster.execute("INSERT INTO commits SELECT FROM generate_series(1, 1000)");
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const std::string old = scene.cluster.text(kCommitted);
  CHECK(kill_restores(
            scene, scene.restore(), [&] { empty(scene.data); }, old) > 0);

  scene.cluster.execute("UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid % 3 = 0");
  scene.cluster.execute("INSERT INTO commits SELECT FROM generate_series(1, 1000)");
  const std::string first = scene.ids("complete").at(0);
  REQUIRE(scene.run({"backup", "--type", "delta"}).code == 0);
  const std::string now = scene.cluster.text(kCommitted);
  const auto as_it_was = [&] {
    REQUIRE(scene.run({"restore", first, "--type", "full", "--into", scene.data, "--delta"}).code ==
            0);
  };
  CHECK(kill_restores(scene, scene.restore({"--delta"}), as_it_was, now) > 0);
}

TEST_CASE("fault: physical: a restore that is killed before its first step is done is run again") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  // All that such a run leaves in an empty folder: its mark, not yet in place.
  std::ofstream(scene.data / ".prismctl-restore.tmp") << "a restore";
  const Ended again = scene.run(scene.restore());
  CAPTURE(again.err);
  CHECK(again.code == 0);
  CHECK_FALSE(fs::exists(scene.data / ".prismctl-restore.tmp"));
  CHECK(text_in_restored(scene.data, scene.cluster) == scene.cluster.text(kCommitted));
  std::ofstream(scene.folder.make("other") / "mine.txt") << "not of PostgreSQL";
  std::ofstream(scene.folder / "other/.prismctl-restore.tmp") << "a restore";
  const Ended other =
      scene.run({"restore", "latest", "--type", "full", "--into", scene.folder / "other"});
  CHECK(other.code == 73);
  CHECK(missing_in(other.err, {"--force overwrites it, and keeps no copy"}) == "");
}

}  // namespace prism::test
