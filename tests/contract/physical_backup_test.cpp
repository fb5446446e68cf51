#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include <prism/drivers/postgres/failure.hpp>
#include <prism/drivers/postgres/physical/incremental_file.hpp>

#include "support/received_backup.hpp"
#include "support/services.hpp"
#include "support/thrown.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

postgres::BackupBounds take(const PostgresCluster& cluster, ReceivedBackup& into,
                            const postgres::BaseBackupOptions& options = {}) {
  const Cancel cancel;
  postgres::Replication holder = replication(cluster, cancel);
  holder.create_slot({.name = "prismctl_test"});
  postgres::Replication server = replication(cluster, cancel);
  std::vector<std::string> warnings;
  auto bounds = postgres::take_base_backup(server, options, into, warnings);
  into.finish();
  CHECK(warnings.empty());
  CHECK(bounds.start < bounds.stop);
  return bounds;
}

void check_same_as_manifest(const ReceivedBackup& backup) {
  for (const std::string& difference : differences(backup)) FAIL_CHECK(difference);
}

/// What a server that starts on the backup has in its table.
std::string sum_in(const ReceivedBackup& backup, const PostgresCluster& source,
                   const fs::path& programs = {}) {
  backup.redirect_tablespaces();
  const PostgresCluster restored(
      {.programs = programs, .data = backup.data_folder(), .password = source.password()});
  return restored.text("SELECT sum(n) FROM t");
}

void fill(const PostgresCluster& cluster, const std::string& tablespace = "pg_default") {
  cluster.execute("CREATE TABLE t TABLESPACE " + tablespace +
                  " AS SELECT n, repeat('x', 500) AS filler FROM generate_series(1, 20000) n");
  cluster.execute("CHECKPOINT");
}

constexpr const char* kSum = "200010000";

}  // namespace

TEST_CASE("contract: physical: a base backup with tablespaces is what its manifest says") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresCluster cluster({.initdb = {"--data-checksums"}});
  for (const char* const name : {"one", "two"}) {
    cluster.execute(std::string("CREATE TABLESPACE ") + name + " LOCATION '" +
                    cluster.make_folder(name).string() + "'");
  }
  fill(cluster, "one");
  cluster.execute("CREATE TABLE other TABLESPACE two AS SELECT 1 AS n");
  ReceivedBackup backup;
  const auto bounds = take(cluster, backup);
  CHECK(bounds.start_timeline == 1);
  CHECK(bounds.stop_timeline == 1);
  REQUIRE(bounds.tablespaces.size() == 2);
  CHECK(std::any_of(bounds.tablespaces.begin(), bounds.tablespaces.end(),
                    [](const auto& one) { return one.path.ends_with("/two"); }));
  for (const char* const path : {"backup_label", "tablespace_map", "global/pg_control"}) {
    CHECK_MESSAGE(backup.files().contains(path), path);
  }
  check_same_as_manifest(backup);
  const Ended verified = cluster.run("pg_verifybackup", {backup.data_folder().string()});
  CHECK_MESSAGE(verified.code == 0, verified.err);
  CHECK(sum_in(backup, cluster) == kSum);
}

TEST_CASE("contract: physical: a base backup of a standby") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresCluster primary;
  fill(primary);
  const auto standby = primary.make_standby();
  ReceivedBackup backup;
  take(*standby, backup);
  check_same_as_manifest(backup);
  const Ended verified = standby->run("pg_verifybackup", {backup.data_folder().string()});
  CHECK_MESSAGE(verified.code == 0, verified.err);
  // It would go on as a standby.
  fs::remove(backup.data_folder() / "standby.signal");
  CHECK(sum_in(backup, primary) == kSum);
}

TEST_CASE("contract: physical: pages with wrong checksums are told of, and fail a base backup") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  PostgresCluster cluster({.initdb = {"--data-checksums"}});
  fill(cluster);
  const std::string file = cluster.text("SELECT pg_relation_filepath('t')");
  cluster.stop();
  {
    std::fstream damaged(cluster.data() / file, std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(3 * 8192 + 5000);
    damaged << "DAMAGE";
  }
  cluster.start();
  const Cancel cancel;
  auto server = replication(cluster, cancel);
  ReceivedBackup backup;
  std::vector<std::string> warnings;
  const auto thrown = thrown_by([&] { postgres::take_base_backup(server, {}, backup, warnings); });
  CHECK(thrown.code == ErrorCode::critical);
  CHECK(thrown.says("pages with wrong checksums"));
  CHECK_MESSAGE(thrown.says(file), thrown.message);
  CHECK_FALSE(thrown.hint.empty());
  REQUIRE_FALSE(warnings.empty());
  CHECK(warnings[0].find("block 3") != std::string::npos);
}

TEST_CASE("contract: physical: a base backup is cancelled midway") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const PostgresCluster cluster;
  Cancel cancel;
  ReceivedBackup backup;
  backup.watch = [&](std::uint64_t bytes) {
    if (bytes > 1000000) cancel.request(SIGTERM);
  };
  auto server = replication(cluster, cancel);
  std::vector<std::string> warnings;
  const auto thrown = thrown_by([&] { postgres::take_base_backup(server, {}, backup, warnings); });
  CHECK(thrown.code == ErrorCode::terminated);
  CHECK(backup.manifest().empty());
}

TEST_CASE("contract: physical: a server that dies midway is a failure that may pass") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  PostgresCluster cluster;
  fill(cluster);
  const Cancel cancel;
  ReceivedBackup backup;
  backup.watch = [&](std::uint64_t bytes) {
    if (bytes > 1000000) cluster.kill();
  };
  auto server = replication(cluster, cancel);
  std::vector<std::string> warnings;
  try {
    postgres::take_base_backup(server, {}, backup, warnings);
    FAIL_CHECK("the backup came to its end");
  } catch (const postgres::Failure& failure) {
    CHECK(failure.retryable());
  }
  CHECK(backup.manifest().empty());
}

namespace {

/// Files of changed pages, each with its head read.
std::map<std::string, postgres::IncrementalHead> heads_of(const ReceivedBackup& backup) {
  std::map<std::string, postgres::IncrementalHead> heads;
  for (const auto& [path, file] : backup.files()) {
    if (!fs::path(path).filename().string().starts_with("INCREMENTAL.")) continue;
    postgres::IncrementalHeadReader reader;
    reader.add(file.head);
    REQUIRE_MESSAGE(reader.complete(), path);
    heads[path] = reader.head();
    CHECK(file.size == reader.head().bytes + 8192 * reader.head().blocks.size());
  }
  return heads;
}

}  // namespace

TEST_CASE("contract: physical: PostgreSQL 17 sends what changed since an earlier backup") {
  if (!has_service("PRISM_TEST_POSTGRES_17_PROGRAMS")) return;
  const PostgresCluster cluster(
      {.programs = postgres_17_programs(), .lines = {"summarize_wal = on"}});
  fill(cluster);
  ReceivedBackup full;
  const auto first = take(cluster, full);
  check_same_as_manifest(full);
  cluster.execute("UPDATE t SET n = -n WHERE n = 1");
  ReceivedBackup changes;
  const auto second = take(cluster, changes, {.earlier_manifest = full.manifest()});
  CHECK(first.stop <= second.start);
  check_same_as_manifest(changes);
  const auto heads = heads_of(changes);
  const std::string table = cluster.text("SELECT pg_relation_filepath('t')");
  const auto found = heads.find(
      (fs::path(table).parent_path() / ("INCREMENTAL." + fs::path(table).filename().string()))
          .string());
  REQUIRE(found != heads.end());
  CHECK(found->second.truncation_blocks > 1000);
  CHECK(found->second.blocks.size() >= 1);
  CHECK(found->second.blocks.size() < 10);
  CHECK(std::any_of(heads.begin(), heads.end(), [](const auto& one) {
    return one.second.blocks.empty() && one.second.bytes == 12;
  }));
  CHECK(sum_in(full, cluster, postgres_17_programs()) == kSum);
}

TEST_CASE("contract: physical: an earlier manifest that is none is refused by the server") {
  if (!has_service("PRISM_TEST_POSTGRES_17_PROGRAMS")) return;
  const PostgresCluster cluster(
      {.programs = postgres_17_programs(), .lines = {"summarize_wal = on"}});
  const Cancel cancel;
  auto server = replication(cluster, cancel);
  ReceivedBackup backup;
  std::vector<std::string> warnings;
  CHECK_THROWS_AS(postgres::take_base_backup(
                      server, {.earlier_manifest = std::string(3000000, '{')}, backup, warnings),
                  postgres::Failure);
}

}  // namespace prism::test
