// An S3 that is killed while WAL is archived into it under load, and while a cluster is copied.
#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/cluster_load.hpp"
#include "support/kill.hpp"
#include "support/postgres_cluster.hpp"
#include "support/services.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// A MinIO of its own, and what says so.
struct Store {
  Store() {
    variables = {{"PRISMCTL_REPOSITORY", "s3://" + minio.value("PRISM_TEST_S3_BUCKET") + "/pg"},
                 {"MINIO_ENDPOINT", minio.value("PRISM_TEST_S3")},
                 {"AWS_ACCESS_KEY_ID", minio.value("PRISM_TEST_S3_ACCESS_KEY")},
                 {"AWS_SECRET_ACCESS_KEY", minio.value("PRISM_TEST_S3_SECRET_KEY")},
                 {"PRISMCTL_S3_RETRY_TIME", "1"}};
  }

  /// All segments stay on the server: they are compared.
  std::vector<std::string> archiving_lines() const {
    auto lines = archiving(variables.at("PRISMCTL_REPOSITORY"),
                           "-u LD_LIBRARY_PATH HOME=/nonexistent " + assignments(variables, ' '));
    lines.insert(lines.end(), {"wal_keep_size = 8GB", "max_wal_size = 1GB"});
    return lines;
  }

  PrivateServer minio{"minio"};
  Variables variables;
};

/// A cluster that archives into it, and a command line that knows both.
struct Scene {
  Scene() : cluster({.lines = store.archiving_lines()}) {
    make_commits(cluster);
    make_pgbench_tables(cluster, 3);
    variables = store.variables;
    variables["DATABASE_URL"] = cluster.url();
  }

  Ended run(const Words& words) const { return cli(words, variables); }
  /// Of pg_stat_archiver.
  long count(const std::string& column) const {
    return std::stol(cluster.text("SELECT " + column + " FROM pg_stat_archiver"));
  }
  void end_segment() const { cluster.execute("SELECT pg_switch_wal()"); }

  /// Those of which the server believes that they are archived.
  std::vector<std::string> archived() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(cluster.data() / "pg_wal/archive_status")) {
      if (entry.path().extension() == ".done") names.push_back(entry.path().stem());
    }
    return names;
  }

  /// As on the server; else how it differs.
  std::string difference(const std::string& name, const std::string& system) const {
    const Ended got =
        cli({"wal", "fetch", name, "got", "--system", system, "--prefetch", "0"}, variables);
    if (got.code != 0) return name + ": " + got.err;
    return content_of(cli / "got") == content_of(cluster.data() / "pg_wal" / name)
               ? ""
               : name + ": another content";
  }

  Store store;
  PostgresCluster cluster;
  Variables variables;
  Cli cli;
};

bool has_servers() { return has_service("PRISM_TEST_POSTGRES") && has_service("PRISM_TEST_S3"); }

/// The S3 is away from some moment on, until a push has failed for it.
void strike(const Scene& scene, RandomMoments& moments) {
  constexpr milliseconds kOfPush{400};
  scene.end_segment();
  moments.pass(kOfPush);
  scene.store.minio.kill();
  const long failed = scene.count("failed_count"), archived = scene.count("archived_count");
  scene.end_segment();
  CHECK(comes_true([&] { return scene.count("failed_count") > failed; }));
  scene.store.minio.restart();
  scene.end_segment();
  CHECK(comes_true([&] { return scene.count("archived_count") > archived; }));
}

}  // namespace

TEST_CASE("fault: physical: no WAL that was archived is lost with an S3 that is killed") {
  if (!has_servers()) return;
  const Scene scene;
  RandomMoments moments(30);
  {
    const ClusterLoad load(scene.cluster);
    for (int times = 0; times < 8; ++times) {
      load.go_on();
      strike(scene, moments);
    }
  }
  archive_all(scene.cluster);
  const std::string system =
      scene.cluster.text("SELECT system_identifier FROM pg_control_system()");
  const auto archived = scene.archived();
  CHECK(archived.size() >= 16);
  CHECK(static_cast<long>(archived.size()) == scene.count("archived_count"));
  for (const std::string& name : archived) CHECK(scene.difference(name, system) == "");
  const Ended list = scene.run({"wal", "list"});
  CAPTURE(list.out);
  CHECK(list.code == 0);
}

namespace {

/// Kills the S3 at a moment of a backup. It comes back at once, or after the backup's end.
Ended disturbed_backup(const Scene& scene, milliseconds moment, bool comes_back) {
  Variables variables = scene.variables;
  variables["PRISMCTL_S3_RETRY_TIME"] = comes_back ? "30" : "1";
  Process backup(scene.cli.launch({"backup", "--type", "full"}, variables));
  backup.ends_within(moment);
  scene.store.minio.kill();
  if (comes_back) scene.store.minio.restart();
  Ended ended = backup.wait();
  if (!comes_back) scene.store.minio.restart();
  return ended;
}

}  // namespace

TEST_CASE("fault: physical: a backup into an S3 that is killed is whole, or told to have failed") {
  if (!has_servers()) return;
  const Scene scene;
  const ClusterLoad load(scene.cluster);
  load.go_on();
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const auto whole =
      std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
  RandomMoments moments(40);
  int failed = 0;
  for (int times = 0; times < 8; ++times) {
    CAPTURE(times);
    const bool comes_back = times % 2 == 0;
    const Ended ended = disturbed_backup(scene, moments.within(whole), comes_back);
    CAPTURE(ended.err);
    CAPTURE(ended.out);
    CHECK((ended.code == 0 || ended.code == 2 || ended.code == 69));
    if (ended.code != 0) {
      ++failed;
      CHECK(missing_in(ended.err + ended.out, {"127.0.0.1"}) == "");
    }
    const Ended next = scene.run({"backup", "--type", "delta"});
    CAPTURE(next.err);
    CHECK(next.code == 0);
  }
  CHECK(failed > 0);
  const Json list = scene.cli.json({"backup", "list"}, scene.variables);
  for (const Json& one : list.at("backups")) {
    if (one.at("state") == "complete")
      CHECK(scene.run({"backup", "verify", one.at("id")}).code == 0);
  }
}

}  // namespace prism::test
