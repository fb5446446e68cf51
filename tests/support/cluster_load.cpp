#include "support/cluster_load.hpp"

#include <fstream>

#include <doctest/doctest.h>

#include "support/paths.hpp"
#include "support/wait.hpp"

namespace prism::test {

namespace fs = std::filesystem;

std::vector<std::string> archiving(const std::string& repository, const std::string& environment) {
  const std::string env = environment.empty() ? "" : "env " + environment + " ";
  return {"archive_mode = on",
          "archive_command = '" + env + prismctl_program().string() + " --repository " +
              repository + " wal push %p'",
          "wal_level = replica", "max_wal_senders = 5"};
}

std::string assignments(const std::map<std::string, std::string>& variables, char end) {
  std::string text;
  for (const auto& [name, value] : variables) text += name + "=" + value + end;
  return text;
}

void make_commits(const PostgresCluster& cluster) {
  cluster.execute("CREATE TABLE commits (n bigserial, words text DEFAULT repeat('x', 300))");
}

void make_pgbench_tables(const PostgresCluster& cluster, int scale) {
  const Ended made =
      cluster.run("pgbench", {"-i", "-q", "-s", std::to_string(scale), cluster.url()});
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
}

void archive_all(const PostgresCluster& cluster) {
  const std::string last = cluster.text("SELECT pg_walfile_name(pg_switch_wal())");
  REQUIRE(comes_true([&] {
    return cluster.text("SELECT coalesce(last_archived_wal >= '" + last +
                        "' AND last_archived_wal ~ '^[0-9A-F]{24}$', false) "
                        "FROM pg_stat_archiver") == "t";
  }));
}

std::string text_in_restored(const fs::path& data, const PostgresCluster& source,
                             const std::string& sql, const fs::path& programs) {
  PostgresCluster server({.programs = programs,
                          .lines = {"archive_mode = off"},
                          .data = data,
                          .password = source.password()});
  REQUIRE(comes_true([&] { return server.text("SELECT pg_is_in_recovery()") == "f"; }));
  const std::string text = server.text(sql);
  server.stop();
  return text;
}

ClusterLoad::ClusterLoad(const PostgresCluster& cluster) : cluster_(cluster) {
  std::ofstream(script()) << "INSERT INTO commits DEFAULT VALUES;\n";
  ServerFolder::give(script());
  thread_ = std::thread([this] {
    while (!end_) {
      (void)cluster_.run("pgbench", {"-n", "-T", "1", "-c", "3", "-f", script().string(), "-b",
                                     "tpcb-like", cluster_.url()});
    }
  });
}

ClusterLoad::~ClusterLoad() {
  end_ = true;
  thread_.join();
}

void ClusterLoad::go_on() const {
  const std::string count = "SELECT count(*) FROM commits";
  const long before = std::stol(cluster_.text(count));
  REQUIRE(comes_true([&] { return std::stol(cluster_.text(count)) > before + 20; }));
}

}  // namespace prism::test
