// Clusters of many kinds by the command line: large segments, encrypted WAL, two at once, a
// standby, PostgreSQL 17, a configuration elsewhere.
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/cli.hpp"
#include "support/age_key.hpp"
#include "support/cluster_load.hpp"
#include "support/postgres_cluster.hpp"
#include "support/services.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A repository that servers may write to, and a folder to restore into.
struct Place {
  Place() { variables["PRISMCTL_REPOSITORY"] = repository.string(); }

  Ended run(const Words& words) const { return cli(words, variables); }
  Json json(const Words& words) const { return cli.json(words, variables); }
  Ended restore(const Words& more = {}) const {
    Words words{"restore", "latest", "--type", "full", "--into", data, "--delta"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  /// What `program` says when it has ended well.
  std::string done(const Words& words) const {
    const Ended ended = run(words);
    CAPTURE(joined(words));
    CAPTURE(ended.out);
    CAPTURE(ended.err);
    REQUIRE(ended.code == 0);
    return ended.out;
  }

  ServerFolder folder;
  fs::path repository = folder.make("repository");
  fs::path data = folder.make("data");
  Variables variables;
  Cli cli;
};

void add_commits(const PostgresCluster& cluster, int count) {
  cluster.execute(fmt::format("INSERT INTO commits SELECT FROM generate_series(1, {})", count));
}

std::string system_of(const PostgresCluster& cluster) {
  return cluster.text("SELECT system_identifier FROM pg_control_system()");
}

/// The one that is written, without its end.
std::string segment_of(const PostgresCluster& cluster) {
  return cluster.text("SELECT pg_walfile_name(pg_current_wal_lsn())");
}

}  // namespace

TEST_CASE("cli: physical: a server with segments of 64 MiB") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Place place;
  const PostgresCluster cluster(
      {.lines = archiving(place.repository), .initdb = {"--wal-segsize=64"}});
  make_commits(cluster);
  place.variables["DATABASE_URL"] = cluster.url();
  place.done({"backup", "--type", "full"});
  add_commits(cluster, 1000);
  const std::string segment = segment_of(cluster);
  archive_all(cluster);
  const Words fetch{"wal", "fetch", segment, "got", "--system", system_of(cluster)};
  place.done(fetch);
  CHECK(fs::file_size(place.cli / "got") == std::uintmax_t{64} << 20);
  CHECK((content_of(place.cli / "got") == content_of(cluster.data() / "pg_wal" / segment)));

  const std::string committed = cluster.text(kCommitted);
  REQUIRE(place.restore({"--to-time", "latest"}).code == 0);
  CHECK(text_in_restored(place.data, cluster) == committed);

  // By a stream, into another repository.
  const std::string received = place.folder.make("received");
  place.variables["PRISMCTL_REPOSITORY"] = received;
  place.done({"wal", "receive", "--once"});
  add_commits(cluster, 1000);
  const std::string next = segment_of(cluster);
  cluster.execute("SELECT pg_switch_wal()");
  place.done({"wal", "receive", "--once"});
  place.done({"wal", "fetch", next, "next", "--system", system_of(cluster), "--prefetch", "0"});
  CHECK((content_of(place.cli / "next") == content_of(cluster.data() / "pg_wal" / next)));
  CHECK(place.json({"wal", "list"}).at("systems").at(0).at("segment_bytes") == 64 << 20);
}

TEST_CASE("cli: physical: WAL that is encrypted, pushed by who can't read it") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Place place;
  const AgeKey key(place.folder / "key.txt");
  ServerFolder::give(key.file);
  const PostgresCluster cluster(
      {.lines = archiving(place.repository, "PRISMCTL_BACKUP_RECIPIENTS=" + key.recipient)});
  make_commits(cluster);
  place.variables["DATABASE_URL"] = cluster.url();
  place.variables["PRISMCTL_BACKUP_RECIPIENTS"] = key.recipient;
  place.done({"backup", "--type", "full"});
  add_commits(cluster, 1000);
  const std::string segment = segment_of(cluster), committed = cluster.text(kCommitted);
  archive_all(cluster);
  for (const auto& entry : fs::recursive_directory_iterator(place.repository / "wal")) {
    CHECK(entry.path().extension() != ".zst");
  }
  place.done({"wal", "list"});
  const Words fetch{"wal", "fetch", segment, "got", "--system", system_of(cluster)};
  const Ended without = place.run(fetch);
  CHECK(without.code == 255);
  CHECK(missing_in(without.err, {"no identity opens it"}) == "");
  CHECK_FALSE(fs::exists(place.cli / "got"));

  // The server that recovers asks for WAL by itself: it finds the identity by the same file.
  const fs::path environment = place.folder.write(
      "environment", "PRISMCTL_BACKUP_IDENTITY_FILE=" + key.file.string() + "\n");
  const Words with{"--env-file", environment};
  Words fetch_with = fetch;
  fetch_with.insert(fetch_with.end(), with.begin(), with.end());
  place.done(fetch_with);
  CHECK((content_of(place.cli / "got") == content_of(cluster.data() / "pg_wal" / segment)));
  const auto check_restored = [&](const Words& more) {
    const Ended restored = place.restore(more);
    CAPTURE(restored.err);
    REQUIRE(restored.code == 0);
    CHECK(text_in_restored(place.data, cluster) == committed);
  };
  check_restored({"--to-time", "latest", "--env-file", environment});
  // The server does not have the variables of who restores.
  place.variables["PRISMCTL_BACKUP_IDENTITY_FILE"] = key.file.string();
  check_restored({"--to-time", "latest"});
}

namespace {

/// `postgresql://USER:PASSWORD@HOST:PORT/DATABASE` → `PORT`.
std::string port_of(const PostgresCluster& cluster) { return cluster.text("SHOW port"); }

/// As the platform's own environment file has it.
fs::path platform(const Place& place, const PostgresCluster& auth, const PostgresCluster& ops) {
  const auto file = place.cli.write(
      "platform.env", fmt::format("POSTGRES_AUTH_PASSWORD={}\nPOSTGRES_AUTH_PORT={}\n"
                                  "POSTGRES_OPS_PASSWORD={}\nPOSTGRES_OPS_PORT={}\n",
                                  auth.password(), port_of(auth), ops.password(), port_of(ops)));
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
  return file;
}

}  // namespace

TEST_CASE("cli: physical: both databases of the platform in one set, restored side by side") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Place place;
  const PostgresCluster auth, ops;
  auth.execute("CREATE DATABASE prism_auth");
  ops.execute("CREATE DATABASE prism_ops");
  auth.execute("CREATE TABLE account AS SELECT 'Nora' AS name", "prism_auth");
  ops.execute("CREATE TABLE job AS SELECT 'index' AS what", "prism_ops");
  const std::string environment = platform(place, auth, ops);
  const Json made = place.json({"backup", "--type", "full", "--env-file", environment});
  CAPTURE(made.dump());
  CHECK(made.at("backup").at("targets").size() == 2);
  place.done({"backup", "verify"});
  place.done({"backup", "--type", "delta", "--env-file", environment});
  place.done({"restore", "latest", "--type", "full", "--into", place.data});
  const auto text = [&](const char* name, const PostgresCluster& of, const std::string& sql) {
    PostgresCluster server({.data = place.data / name, .password = of.password()});
    REQUIRE(comes_true([&] { return server.text("SELECT pg_is_in_recovery()") == "f"; }));
    return server.text(sql, std::string("prism_") + name);
  };
  CHECK(text("auth", auth, "SELECT name FROM account") == "Nora");
  CHECK(text("ops", ops, "SELECT what FROM job") == "index");
  // One of them alone.
  const fs::path alone = place.folder.make("alone");
  place.done({"restore", "latest", "--type", "full", "--target", "ops", "--into", alone});
  CHECK(fs::exists(alone / "global/pg_control"));
}

TEST_CASE("cli: physical: a standby is copied as it stands, and the copy is a server of its own") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Place place;
  const PostgresCluster cluster;
  make_commits(cluster);
  add_commits(cluster, 1000);
  const auto standby = cluster.make_standby();
  place.variables["DATABASE_URL"] = standby->url();
  add_commits(cluster, 500);
  const std::string committed = cluster.text(kCommitted);
  REQUIRE(comes_true([&] { return standby->text(kCommitted) == committed; }));
  place.done({"backup", "--type", "full"});
  place.done({"backup", "--type", "delta"});
  place.done({"backup", "verify", "--all"});
  REQUIRE(place.restore().code == 0);
  CHECK(text_in_restored(place.data, cluster) == committed);
  CHECK(standby->text("SELECT pg_is_in_recovery()") == "t");
  CHECK(standby->text("SELECT count(*) FROM pg_replication_slots") == "0");
}

namespace {

/// As the newest backup has it.
Json record_of_cluster(const Place& place) {
  const Json backups = place.json({"backup", "list"}).at("backups");
  const fs::path folder = place.repository / backups.back().at("id").get<std::string>();
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().filename().string().find("cluster.json") == std::string::npos) continue;
    Launch unpack;
    unpack.program = "/usr/bin/zstd";
    unpack.arguments = {"-dcq", entry.path()};
    return Json::parse(run(unpack).out);
  }
  return {};
}

}  // namespace

TEST_CASE("cli: physical: PostgreSQL 17 sends only what changed, and each copy restores alone") {
  if (!has_service("PRISM_TEST_POSTGRES_17_PROGRAMS")) return;
  Place place;
  const PostgresCluster cluster(
      {.programs = postgres_17_programs(), .lines = {"summarize_wal = on"}});
  make_commits(cluster);
  cluster.execute(
      "CREATE TABLE account AS SELECT n, 0 AS balance FROM generate_series(1, 90000) n");
  add_commits(cluster, 20'000);
  place.variables["DATABASE_URL"] = cluster.url();
  const std::string sql =
      "SELECT concat((SELECT sum(n + hashtext(words)) FROM commits), ' ', "
      "(SELECT sum(n * balance) FROM account))";
  place.done({"backup", "--type", "full"});
  CHECK(record_of_cluster(place).at("incremental") == false);
  std::vector<std::string> expected{cluster.text(sql)};
  for (int times = 0; times < 2; ++times) {
    cluster.execute("UPDATE commits SET words = 'changed' WHERE n % 1000 = 0");
    cluster.execute("UPDATE account SET balance = balance + 7 WHERE n % 5000 = 0");
    add_commits(cluster, 10);
    place.done({"backup", "--type", "delta"});
    CHECK(record_of_cluster(place).at("incremental") == true);
    expected.push_back(cluster.text(sql));
  }
  place.done({"backup", "verify", "--all"});
  const Json backups = place.json({"backup", "list"}).at("backups");
  REQUIRE(backups.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    place.done({"restore", backups[i].at("id"), "--type", "full", "--into", place.data, "--delta"});
    CHECK(text_in_restored(place.data, cluster, sql, postgres_17_programs()) == expected[i]);
  }
  // Those before the last are not needed for it.
  place.done({"backup", "prune", "--keep-last", "1"});
  const fs::path alone = place.folder.make("alone");
  place.done({"restore", "latest", "--type", "full", "--into", alone});
  CHECK(text_in_restored(alone, cluster, sql, postgres_17_programs()) == expected.back());
}

TEST_CASE("cli: physical: PostgreSQL 17 without its summaries of the WAL sends whole files") {
  if (!has_service("PRISM_TEST_POSTGRES_17_PROGRAMS")) return;
  Place place;
  PostgresCluster cluster({.programs = postgres_17_programs(), .lines = {"summarize_wal = on"}});
  make_commits(cluster);
  add_commits(cluster, 20'000);
  place.variables["DATABASE_URL"] = cluster.url();
  place.done({"backup", "--type", "full"});
  cluster.stop();
  cluster.start({"-c", "summarize_wal=off"});
  add_commits(cluster, 10);
  for (int times = 0; times < 3; ++times) cluster.execute("SELECT pg_switch_wal()");
  cluster.execute("CHECKPOINT");
  cluster.stop();
  cluster.start();
  place.variables["DATABASE_URL"] = cluster.url();
  const Ended delta = place.run({"backup", "--type", "delta"});
  CAPTURE(delta.err);
  CHECK(delta.code == 0);
  CHECK(missing_in(delta.err, {"the server sends whole files", "WAL summaries"}) == "");
  CHECK(record_of_cluster(place).at("incremental") == false);
  place.done({"restore", "latest", "--type", "full", "--into", place.data});
  CHECK(text_in_restored(place.data, cluster, kCommitted, postgres_17_programs()) ==
        cluster.text(kCommitted));
}

namespace {

/// Of PostgreSQL 17, with a full copy in the repository.
struct Copied : Place {
  Copied() : cluster({.programs = postgres_17_programs(), .lines = {"summarize_wal = on"}}) {
    make_commits(cluster);
    add_commits(cluster, 20'000);
    variables["DATABASE_URL"] = cluster.url();
    done({"backup", "--type", "full"});
  }

  /// What a delta says that can't be made by the earlier copy, and is made and good all the same.
  std::string whole_delta() const {
    const Ended delta = run({"backup", "--type", "delta"});
    CAPTURE(delta.err);
    CHECK(delta.code == 0);
    CHECK(missing_in(delta.err, {"the server sends whole files", "can't be used"}) == "");
    return delta.err;
  }

  void incremental_delta() const {
    done({"backup", "--type", "delta"});
    CHECK(record_of_cluster(*this).at("incremental") == true);
  }

  void check_restored() {
    done({"backup", "verify"});
    done({"restore", "latest", "--type", "full", "--into", data, "--delta"});
    CHECK(text_in_restored(data, cluster, kCommitted, postgres_17_programs()) ==
          cluster.text(kCommitted));
  }

  PostgresCluster cluster;
};

}  // namespace

TEST_CASE("cli: physical: PostgreSQL 17 sends whole files where an earlier copy is damaged") {
  if (!has_service("PRISM_TEST_POSTGRES_17_PROGRAMS")) return;
  Copied copied;
  fs::remove(fs::directory_iterator(copied.repository / "blocks/packs")->path());
  CHECK(missing_in(copied.whole_delta(), {"blocks/packs/", "is not there"}) == "");
  copied.check_restored();
  copied.incremental_delta();

  const std::string id = copied.json({"backup", "list"}).at("backups").back().at("id");
  for (const auto& file : fs::directory_iterator(copied.repository / id)) {
    if (file.path().string().find(".blocks.") == std::string::npos) continue;
    fs::permissions(file.path(), fs::perms::owner_write, fs::perm_options::add);
    fs::resize_file(file.path(), fs::file_size(file.path()) / 2);
  }
  CHECK(missing_in(copied.whole_delta(), {"damaged"}) == "");
  copied.check_restored();
  // Its packs are in doubt, until another that has them is found good.
  CHECK(copied.run({"backup", "verify", id}).code == 2);
  copied.whole_delta();
  copied.check_restored();
  copied.incremental_delta();
}

TEST_CASE("cli: physical: PostgreSQL 17 sends whole files after a change of encryption") {
  if (!has_service("PRISM_TEST_POSTGRES_17_PROGRAMS")) return;
  Copied copied;
  const AgeKey one(copied.cli / "one.txt"), two(copied.cli / "two.txt");
  const auto set = [&](const AgeKey& recipient, const AgeKey& identity) {
    copied.variables["PRISMCTL_BACKUP_RECIPIENTS"] = recipient.recipient;
    copied.variables["PRISMCTL_BACKUP_IDENTITY_FILE"] = identity.file.string();
  };
  set(one, one);
  CHECK(missing_in(copied.whole_delta(), {"is not there"}) == "");
  copied.check_restored();
  const auto incremental = copied.run({"backup", "--type", "delta"});
  CHECK(incremental.code == 0);
  CHECK(incremental.err.find("whole files") == std::string::npos);
  // What one opens is not for two.
  set(two, one);
  CHECK(missing_in(copied.whole_delta(), {"another key", "stored anew"}) == "");
  set(two, two);
  copied.check_restored();
  set(two, one);
  CHECK(missing_in(copied.whole_delta(), {"identity"}) == "");
  set(two, two);
  copied.check_restored();
  copied.variables.erase("PRISMCTL_BACKUP_RECIPIENTS");
  copied.whole_delta();
  copied.check_restored();
}

namespace {

/// Moves a stopped cluster's configuration to where Debian has it; only a stub of it stays, which
/// our server is started by.
fs::path move_configuration(const PostgresCluster& cluster) {
  const fs::path etc = cluster.make_folder("etc");
  for (const std::string name : {"postgresql.conf", "pg_hba.conf", "pg_ident.conf"}) {
    fs::copy(cluster.data() / name, etc / name);
    fs::remove(cluster.data() / name);
  }
  std::ofstream(etc / "postgresql.conf", std::ios::app)
      << "data_directory = '" << cluster.data().string() << "'\nhba_file = '"
      << (etc / "pg_hba.conf").string() << "'\nident_file = '" << (etc / "pg_ident.conf").string()
      << "'\nwork_mem = '7MB'\n";
  ServerFolder::give(etc);
  return etc;
}

}  // namespace

TEST_CASE("cli: physical: a configuration outside the data folder is written into the restored") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Place place;
  PostgresCluster cluster;
  make_commits(cluster);
  add_commits(cluster, 100);
  cluster.stop();
  const fs::path etc = move_configuration(cluster);
  cluster.start({"-c", "config_file=" + (etc / "postgresql.conf").string()});
  REQUIRE(cluster.text("SHOW config_file") == (etc / "postgresql.conf").string());
  place.variables["DATABASE_URL"] = cluster.url();
  const std::string committed = cluster.text(kCommitted);
  place.done({"backup", "--type", "full"});
  cluster.stop();
  fs::remove_all(etc);
  REQUIRE(place.restore().code == 0);
  for (const char* const name : {"postgresql.conf", "pg_hba.conf", "pg_ident.conf"}) {
    CHECK(fs::exists(place.data / name));
  }
  CHECK(text_in_restored(place.data, cluster,
                         "SELECT concat(count(*), ' ', sum(n), current_setting('work_mem')) FROM "
                         "commits") == committed + "7MB");
}

}  // namespace prism::test
