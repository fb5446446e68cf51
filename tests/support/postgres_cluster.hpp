#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <prism/base/files.hpp>

#include "support/process.hpp"

namespace prism::test {

/// A folder that the servers of tests can use: as root, it is of the user `postgres`. Gone
/// afterwards.
class ServerFolder {
 public:
  ServerFolder();

  std::filesystem::path operator/(const std::string& name) const { return folder_.path() / name; }
  const std::filesystem::path& path() const { return folder_.path(); }
  /// Makes a folder in it.
  std::filesystem::path make(const std::string& name) const;
  /// Writes a file that nobody else may read.
  std::filesystem::path write(const std::string& name, const std::string& content) const;
  /// Gives a file or a folder, with all that it holds, to the servers' user. Links are not
  /// followed.
  static void give(const std::filesystem::path& path);

 private:
  TemporaryFolder folder_;
};

/// Where the programs of PostgreSQL 17 are: see has_service for PRISM_TEST_POSTGRES_17_PROGRAMS.
std::filesystem::path postgres_17_programs();

struct ClusterSettings {
  std::filesystem::path programs = {};   ///< empty: those of the newest Debian package
  std::vector<std::string> lines = {};   ///< of postgresql.conf, behind what is there
  std::vector<std::string> initdb = {};  ///< more arguments, such as `--data-checksums`
  std::optional<std::filesystem::path> data =
      {};                     ///< a data folder that is there, such as a restored one
  std::string password = {};  ///< of the superuser in it
};

/// A PostgreSQL cluster of a test's own, with a superuser `prism`, on a port of its own on
/// 127.0.0.1. It runs until stopped or killed, and is removed at the end of this object's life; the
/// thread that starts it must live as long as it runs.
class PostgresCluster {
 public:
  /// Makes the cluster and starts it. Throws std::runtime_error, with the end of the log, where
  /// that fails. A data folder of `settings` stays the caller's.
  explicit PostgresCluster(ClusterSettings settings = {});
  PostgresCluster(const PostgresCluster&) = delete;
  PostgresCluster& operator=(const PostgresCluster&) = delete;

  /// A standby, by pg_basebackup, that streams from this one and answers queries. Needs a version
  /// that the installed pg_basebackup fits.
  std::unique_ptr<PostgresCluster> make_standby(const std::vector<std::string>& lines = {}) const;

  /// Returns when it answers. `arguments` are further ones of the server.
  void start(const std::vector<std::string>& arguments = {});
  /// Mode "fast": sessions are ended, not waited for.
  void stop();
  /// With its children. Its data stay.
  void kill();
  void restart();
  /// Of a standby; returns when it takes writes.
  void promote() const;

  std::string url(const std::string& database = "postgres") const;
  const std::string& password() const { return settings_.password; }
  const std::filesystem::path& data() const { return data_; }
  /// One statement, without a transaction around it.
  void execute(const std::string& sql, const std::string& database = "postgres") const;
  /// The first column of the first row.
  std::string text(const std::string& sql, const std::string& database = "postgres") const;
  /// The one that it writes WAL on, not a standby's. pg_control tells it only after the checkpoint
  /// that follows a promotion.
  int timeline() const;
  /// Runs a program of this version as the servers' user.
  Ended run(const std::string& program, const std::vector<std::string>& arguments) const;
  /// The end of what the server said.
  std::string log() const;
  /// Makes a folder beside the data that the server may use, such as for a tablespace.
  std::filesystem::path make_folder(const std::string& name) const { return home_.make(name); }

 private:
  Launch launch(const std::string& program, const std::vector<std::string>& arguments) const;
  void initialize();
  bool starts(const std::vector<std::string>& arguments);

  ClusterSettings settings_;
  ServerFolder home_;
  std::filesystem::path data_;
  int port_ = 0;
  std::optional<Process> server_;
};

}  // namespace prism::test
