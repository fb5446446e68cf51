#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "support/postgres_cluster.hpp"

namespace prism::test {

/// Of the rows of `commits` that are there: how many, and which.
constexpr const char* kCommitted = "SELECT concat(count(*), ' ', sum(n)) FROM commits";

/// Lines of postgresql.conf that archive WAL into a repository, with what `env` takes before it.
std::vector<std::string> archiving(const std::string& repository,
                                   const std::string& environment = {});

/// `NAME=VALUE`, each with `end` behind it: a blank for the above, a line's end for a file.
std::string assignments(const std::map<std::string, std::string>& variables, char end);

/// Makes the table `commits`, whose rows number themselves.
void make_commits(const PostgresCluster& cluster);

void make_pgbench_tables(const PostgresCluster& cluster, int scale = 1);

/// Returns once all that is there by now is in the archive.
void archive_all(const PostgresCluster& cluster);

/// What a server on a restored folder says once it has come to its target.
std::string text_in_restored(const std::filesystem::path& data, const PostgresCluster& source,
                             const std::string& sql = kCommitted,
                             const std::filesystem::path& programs = {});

/// pgbench's own transactions, and rows of `commits` that are committed one by one, for as long as
/// it lives.
class ClusterLoad {
 public:
  explicit ClusterLoad(const PostgresCluster& cluster);
  ~ClusterLoad();
  ClusterLoad(const ClusterLoad&) = delete;
  ClusterLoad& operator=(const ClusterLoad&) = delete;

  /// Returns once some more rows are committed.
  void go_on() const;

 private:
  std::filesystem::path script() const { return folder_ / "commit.sql"; }

  const PostgresCluster& cluster_;
  ServerFolder folder_;
  std::atomic<bool> end_ = false;
  std::thread thread_;
};

}  // namespace prism::test
