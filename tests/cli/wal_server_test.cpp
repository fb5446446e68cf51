// The real binary on a real server: WAL that is received and archived.
#include <csignal>

#include <doctest/doctest.h>

#include <prism/backup/manifest.hpp>
#include <prism/base/sha256.hpp>
#include <prism/drivers/postgres/wal/archive.hpp>

#include "cli/cli.hpp"
#include "support/paths.hpp"
#include "support/postgres.hpp"
#include "support/postgres_cluster.hpp"
#include "support/s3.hpp"
#include "support/services.hpp"
#include "support/wait.hpp"
#include "support/wal.hpp"

namespace prism::test {
namespace {

/// A cluster of its own, with something in it, and a command line that knows it.
struct Scene {
  explicit Scene(const std::vector<std::string>& lines = {})
      : server({.lines = lines}), database(server.url()) {
    database.execute("CREATE TABLE t (n bigint, words text)");
    variables["DATABASE_URL"] = database.url();
  }

  void write(int rows) const {
    database.execute("INSERT INTO t SELECT n, md5(n::text) FROM generate_series(1, " +
                     std::to_string(rows) + ") n");
  }
  /// So many, which the server may then remove.
  void write_segments(int count) const {
    for (int times = 0; times < count; ++times) {
      write(60'000);
      server.execute("SELECT pg_switch_wal()");
      server.execute("CHECKPOINT");
    }
  }
  Ended run(const Words& words) const { return cli(words, variables); }

  /// Names in the archive, in order.
  std::vector<std::string> archived() const {
    const Json list = cli.json({"wal", "list"}, variables);
    std::vector<std::string> names;
    for (const auto& system : list.at("systems")) {
      for (const auto& run : system.at("runs")) {
        const auto last = postgres::parse_segment_name(run.at("last").get<std::string>()).value();
        auto number = postgres::parse_segment_name(run.at("first").get<std::string>())
                          .value()
                          .number(16 * kWalMiB);
        for (; number <= last.number(16 * kWalMiB); ++number) {
          names.push_back(postgres::segment_of(last.timeline, number, 16 * kWalMiB).text());
        }
      }
    }
    return names;
  }

  /// The first segment that is not in the archive as it is on the server; empty: none.
  std::string first_that_differs() const {
    for (const std::string& name : archived()) {
      const std::string system = database.text("SELECT system_identifier FROM pg_control_system()");
      if (cli({"wal", "fetch", name, "got", "--system", system, "--prefetch", "0"}, variables)
              .code != 0) {
        return name + " is not there";
      }
      const std::string hash =
          database.text("SELECT encode(sha256(pg_read_binary_file('pg_wal/" + name + "')), 'hex')");
      if (hash != sha256_hex(content_of(cli / "got"))) return name;
    }
    return {};
  }

  PostgresCluster server;
  PostgresDatabase database;
  Variables variables;
  Cli cli;
};

bool is_there() { return has_service("PRISM_TEST_POSTGRES"); }

}  // namespace

TEST_CASE("cli: wal: receive --once stores all that was written before, byte by byte") {
  if (!is_there()) return;
  const Scene scene;
  scene.write(100'000);
  const Json first = scene.cli.json({"wal", "receive", "--once"}, scene.variables);
  CAPTURE(first.dump());
  CHECK(first.at("targets").at(0).at("error").is_null());
  CHECK(first.at("targets").at(0).at("segments") >= 1);
  scene.write(200'000);
  const Ended again = scene.run({"wal", "receive", "--once"});
  CAPTURE(again.err);
  CHECK(again.code == 0);
  CHECK(missing_in(again.out, {"segments stored", "the last is 00000001"}) == "");
  CHECK(scene.archived().size() >= 3);
  CHECK(scene.first_that_differs() == "");
  CHECK(scene.run({"wal", "list"}).code == 0);
}

TEST_CASE("cli: wal: receive with a slot, killed and run again, leaves no gap") {
  if (!is_there()) return;
  const Scene scene;
  const Words words{"wal", "receive", "--slot", "prismctl"};
  for (int times = 0; times < 5; ++times) {
    Process receiver(scene.cli.launch(words, scene.variables));
    scene.write(60'000);
    scene.server.execute("SELECT pg_switch_wal()");
    scene.write(60'000);
    receiver.ends_within(std::chrono::milliseconds(150 * times));
    receiver.send(SIGKILL);
    receiver.wait();
  }
  CHECK(scene.run({"wal", "receive", "--slot", "prismctl", "--once"}).code == 0);
  CHECK(scene.archived().size() >= 5);
  CHECK(scene.run({"wal", "list"}).code == 0);
  CHECK(scene.first_that_differs() == "");
  // Ended by a signal, which is no failure.
  Process receiver(scene.cli.launch(words, scene.variables));
  CHECK_FALSE(receiver.ends_within(std::chrono::seconds(1)));
  receiver.send(SIGTERM);
  CHECK(receiver.wait().code == 0);
}

TEST_CASE("cli: wal: WAL that the server has removed is told, and the next run goes on behind it") {
  if (!is_there()) return;
  const Scene scene({"max_wal_size = 32MB", "min_wal_size = 32MB"});
  REQUIRE(scene.run({"wal", "receive", "--once"}).code == 0);
  scene.write_segments(4);
  const Ended gap = scene.run({"wal", "receive", "--once"});
  CAPTURE(gap.err);
  CHECK(gap.code == 2);
  CHECK(missing_in(gap.err, {"the server has removed WAL that the archive lacks, from 00000001",
                             "HINT: "}) == "");
  scene.write(1'000);
  const Ended behind = scene.run({"wal", "receive", "--once"});
  CAPTURE(behind.err);
  CHECK(behind.code == 0);
  CHECK(missing_in(behind.err, {"going on at 00000001"}) == "");
  CHECK(scene.run({"wal", "list"}).code == 1);
}

TEST_CASE("cli: wal: what the oldest copy needs to go on is archived, whatever was written since") {
  if (!is_there()) return;
  const Scene scene({"wal_keep_size = 1GB"});
  const auto reaches_the_end = [&] {
    const Ended planned = scene.run({"restore", "latest", "--type", "full", "--to-time", "latest",
                                     "--into", scene.cli / "new", "--dry-run"});
    CAPTURE(planned.err);
    return planned.code == 0;
  };
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  scene.write_segments(4);
  REQUIRE(scene.run({"backup", "--type", "wal"}).code == 0);
  CHECK(scene.archived().size() >= 5);
  CHECK(reaches_the_end());
  CHECK(scene.first_that_differs() == "");

  // The archive is empty once more where all that is in it is older than the copies that are kept.
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  REQUIRE(scene.run({"backup", "prune", "--keep-last", "1"}).code == 0);
  REQUIRE(scene.archived().empty());
  scene.write_segments(4);
  REQUIRE(scene.run({"backup", "--type", "wal"}).code == 0);
  CHECK(reaches_the_end());
  CHECK(scene.run({"wal", "list"}).code == 0);
}

TEST_CASE("cli: wal: what a copy needs to go on and the server has removed is told") {
  if (!is_there()) return;
  const Scene scene({"max_wal_size = 32MB", "min_wal_size = 32MB"});
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  scene.write_segments(4);
  const Ended gap = scene.run({"backup", "--type", "wal"});
  CAPTURE(gap.err);
  CHECK(gap.code == 2);
  CHECK(missing_in(gap.err, {"the server has removed WAL that the archive lacks, from 00000001",
                             "make a full backup"}) == "");
  CHECK(scene.archived().empty());
  scene.write(1'000);
  const Ended behind = scene.run({"backup", "--type", "wal"});
  CAPTURE(behind.err);
  CHECK(behind.code == 0);
  CHECK(missing_in(behind.err, {"going on at 00000001"}) == "");
  CHECK(scene.archived().size() >= 1);
  CHECK(scene.run({"backup", "--type", "wal"}).err.find("going on") == std::string::npos);
}

TEST_CASE("cli: wal: what the server has removed and a copy has in itself is no gap") {
  if (!is_there()) return;
  const Scene scene({"max_wal_size = 32MB", "min_wal_size = 32MB"});
  const auto segment = [&] {
    return scene.database.text("SELECT pg_walfile_name(pg_current_wal_lsn())");
  };
  backup::Manifest copy;
  copy.id = "20260101T000000Z-0000";
  copy.targets.push_back({"store", "postgresql", "", "", {}, 0, {}});
  auto& physical = copy.targets[0].content.physical.emplace();
  physical.system = scene.database.text("SELECT system_identifier FROM pg_control_system()");
  physical.segment_bytes = 16 * kWalMiB;
  physical.first_segment = segment();
  scene.write_segments(4);
  physical.last_segment = segment();
  scene.cli.write("backups/" + copy.id + "/manifest.json", to_json_text(copy));
  scene.write(60'000);
  scene.server.execute("SELECT pg_switch_wal()");
  const Ended received = scene.run({"backup", "--type", "wal"});
  CAPTURE(received.err);
  CHECK(received.code == 0);
  REQUIRE_FALSE(scene.archived().empty());
  CHECK(scene.archived().front() > physical.first_segment);
  CHECK(scene.archived().front() <= physical.last_segment);
}

TEST_CASE("cli: wal: a slot that the server has given up is made anew, and the gap told") {
  if (!is_there()) return;
  const Scene scene(
      {"max_wal_size = 32MB", "min_wal_size = 32MB", "max_slot_wal_keep_size = 16MB"});
  const Words receive{"wal", "receive", "--slot", "prismctl", "--once"};
  const auto state = [&] {
    return scene.server.text("SELECT wal_status FROM pg_replication_slots");
  };
  REQUIRE(scene.run(receive).code == 0);
  CHECK(state() == "reserved");
  scene.write_segments(4);
  REQUIRE(state() == "lost");
  const Ended gap = scene.run(receive);
  CAPTURE(gap.err);
  CHECK(gap.code == 2);
  CHECK(missing_in(gap.err, {"the server has removed WAL that the archive lacks",
                             "the slot 'prismctl' (max_slot_wal_keep_size)"}) == "");
  CHECK(state() == "reserved");
  scene.write(1'000);
  CHECK(scene.run(receive).code == 0);
  CHECK(state() == "reserved");
}

TEST_CASE("cli: wal: archive_command puts all that is written into S3, also past a pause of it") {
  if (!is_there() || !has_service("PRISM_TEST_S3")) return;
  Scene scene;
  const PrivateServer minio("minio");
  scene.variables.insert(
      {{"PRISMCTL_REPOSITORY", "s3://" + minio.value("PRISM_TEST_S3_BUCKET") + "/wal"},
       {"MINIO_ENDPOINT", minio.value("PRISM_TEST_S3")},
       {"AWS_ACCESS_KEY_ID", minio.value("PRISM_TEST_S3_ACCESS_KEY")},
       {"AWS_SECRET_ACCESS_KEY", minio.value("PRISM_TEST_S3_SECRET_KEY")}});
  std::string command = "env -u LD_LIBRARY_PATH HOME=/nonexistent";
  for (const auto& [name, value] : scene.variables) {
    if (name != "DATABASE_URL") command += " " + name + "=" + value;
  }
  command += " " + prismctl_program().string() + " wal push %p";
  scene.server.execute("ALTER SYSTEM SET archive_mode = on");
  scene.server.execute("ALTER SYSTEM SET archive_command = '" + command + "'");
  scene.server.restart();
  const auto write_and_switch = [&] {
    scene.write(30'000);
    scene.server.execute("SELECT pg_switch_wal()");
  };
  for (int times = 0; times < 2; ++times) write_and_switch();
  minio.kill();
  for (int times = 0; times < 2; ++times) write_and_switch();
  minio.restart();
  write_and_switch();
  const std::string last = scene.database.text("SELECT pg_walfile_name(pg_switch_wal() - 1)");
  CHECK(comes_true([&] {
    return scene.database.text("SELECT coalesce(last_archived_wal, '') >= '" + last +
                               "' FROM pg_stat_archiver") == "t";
  }));
  CHECK(scene.archived().size() >= 5);
  CHECK(scene.run({"wal", "list"}).code == 0);
}

TEST_CASE("cli: wal: a copy of the files is recovered to the end, and its timeline followed") {
  if (!is_there()) return;
  for (const std::string segment_size : {"1", "16"}) {
    CAPTURE(segment_size);
    const ServerFolder folder;
    const std::string repository = folder.make("repository");
    const std::string of_repository = " --repository " + repository + "'";
    const std::string push = "archive_command = '" + prismctl_program().string() + " wal push %p";
    PostgresCluster source({.lines = {"archive_mode = on", push + of_repository},
                            .initdb = {"--wal-segsize=" + segment_size}});
    source.execute("CREATE TABLE t (n bigint)");
    const auto copy = folder.path() / "copy";
    const Ended copied =
        source.run("pg_basebackup", {"-d", source.url(), "-D", copy, "-X", "none", "-c", "fast"});
    CAPTURE(copied.err);
    REQUIRE(copied.code == 0);
    for (int times = 0; times < 6; ++times) {
      source.execute("INSERT INTO t SELECT n FROM generate_series(1, 20000) n");
      source.execute("SELECT pg_switch_wal()");
    }
    const Cli cli;
    const Variables of_source{{"DATABASE_URL", source.url()}};
    const Words receive{"wal", "receive", "--once", "--repository", "received"};
    CHECK(cli(receive, of_source).code == 0);
    // All is archived by a clean end.
    source.stop();

    std::ofstream(copy / "recovery.signal") << "";
    ServerFolder::give(copy / "recovery.signal");
    const std::string fetch =
        "restore_command = '" + prismctl_program().string() + " wal fetch %f %p";
    PostgresCluster recovered(
        {.lines = {fetch + of_repository}, .data = copy, .password = source.password()});
    CHECK(comes_true([&] { return recovered.text("SELECT pg_is_in_recovery()") == "f"; }));
    CHECK(recovered.text("SELECT count(*) FROM t") == "120000");
    CHECK(recovered.timeline() == 2);
    recovered.execute("INSERT INTO t VALUES (1)");
    const Ended followed = cli(receive, {{"DATABASE_URL", recovered.url()}});
    CAPTURE(followed.err);
    CAPTURE(followed.out);
    CHECK(followed.code == 0);
    const Json list = cli.json({"wal", "list", "--repository", "received"});
    CAPTURE(list.dump());
    CHECK(list.at("systems").at(0).at("runs").size() == 2);
    CHECK(list.at("systems").at(0).at("histories").size() == 1);
    CHECK(list.at("systems").at(0).at("gaps").empty());
    CHECK(cli({"wal", "list", "--repository", repository}).code == 0);
    const Ended status =
        cli({"status", "--repository", "received"}, {{"DATABASE_URL", recovered.url()}});
    CHECK(missing_in(status.out, {"store: 00000002", ", timelines 1, 2"}) == "");
  }
}

TEST_CASE("cli: wal: status tells of the last segment, and of a gap") {
  if (!is_there()) return;
  const Scene scene;
  CHECK(scene.cli.json({"status"}, scene.variables).at("wal").empty());
  for (int times = 0; times < 3; ++times) {
    scene.write(30'000);
    REQUIRE(scene.run({"wal", "receive", "--once"}).code == 0);
  }
  const Json status = scene.cli.json({"status"}, scene.variables);
  REQUIRE(status.at("wal").size() == 1);
  CHECK(status.at("wal").at(0).at("target") == "store");
  CHECK(status.at("wal").at(0).at("behind") == 0);
  CHECK(status.at("wal").at(0).at("gaps").empty());
  const std::string gone = scene.archived().at(1);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scene.cli / "backups")) {
    if (entry.path().filename().string() == gone + ".zst") std::filesystem::remove(entry.path());
  }
  const Ended gap = scene.run({"status"});
  CHECK(gap.code == 1);
  CHECK(missing_in(gap.out, {"the archived WAL of store: " + gone + " is missing"}) == "");
}

}  // namespace prism::test
