// The real binary on real clusters: copies of their files, and folders that are made of them.
#include <fstream>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/age_key.hpp"
#include "support/postgres_cluster.hpp"
#include "support/services.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A cluster with some tables, one of them in a tablespace, and a command line that knows it.
struct Scene {
  Scene() : cluster({.initdb = {"--data-checksums"}}) {
    const fs::path place = cluster.make_folder("space");
    cluster.execute("CREATE TABLESPACE space LOCATION '" + place.string() + "'");
    cluster.execute(
        "CREATE TABLE here AS SELECT n, md5(n::text) AS words FROM generate_series(1, 50000) n");
    cluster.execute("CREATE TABLE there TABLESPACE space AS SELECT * FROM here");
    cluster.execute("CREATE INDEX ON here (n)");
    variables["DATABASE_URL"] = cluster.url();
  }

  Ended run(const Words& words) const { return cli(words, variables); }
  Json json(const Words& words) const { return cli.json(words, variables); }
  /// Bytes that the newest backup has added.
  std::uint64_t added() const {
    return json({"backup", "list"}).at("backups").back().at("stored_bytes");
  }

  /// One bit in each of the packs.
  void damage_packs() const {
    for (const auto& pack : fs::directory_iterator(cli / "backups/blocks/packs")) {
      std::string bytes = prism::test::content_of(pack.path());
      bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
      fs::permissions(pack.path(), fs::perms::owner_write, fs::perm_options::add);
      std::ofstream(pack.path(), std::ios::binary) << bytes;
    }
  }

  PostgresCluster cluster;
  Variables variables;
  Cli cli;
};

/// What is in a folder that was restored, by a server that is started on it.
std::string content_of_folder(const fs::path& folder, const PostgresCluster& source) {
  PostgresCluster restored({.data = folder, .password = source.password()});
  REQUIRE(comes_true([&] { return restored.text("SELECT pg_is_in_recovery()") == "f"; }));
  const std::string content = restored.text(
      "SELECT concat((SELECT count(*) FROM here), ' ', (SELECT sum(hashtext(words)) FROM there))");
  restored.stop();
  return content;
}

std::string content_of(const PostgresCluster& cluster) {
  return cluster.text(
      "SELECT concat((SELECT count(*) FROM here), ' ', (SELECT sum(hashtext(words)) FROM there))");
}

}  // namespace

TEST_CASE("cli: physical: full and delta restore on their own, and are proved by a server") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  CHECK(scene.run({"backup", "--type", "full"}).code == 0);
  const std::uint64_t full = scene.added();
  const std::string before = content_of(scene.cluster);
  scene.cluster.execute("UPDATE here SET words = 'changed' WHERE n <= 100");
  scene.cluster.execute("DELETE FROM there WHERE n % 10 = 0");
  const std::string after = content_of(scene.cluster);
  CHECK(scene.run({"backup", "--type", "delta"}).code == 0);
  CHECK(scene.added() * 2 < full);

  const Json backups = scene.json({"backup", "list"}).at("backups");
  CHECK(scene.run({"backup", "verify", "--all"}).code == 0);
  const auto folder = scene.cluster.make_folder("restored");
  const auto into = [&](const std::string& id) {
    return scene.run({"restore", id, "--type", "full", "--into", folder, "--delta"});
  };
  CHECK(into(backups.at(1).at("id")).code == 0);
  CHECK(content_of_folder(folder, scene.cluster) == after);
  CHECK(into(backups.at(0).at("id")).code == 0);
  CHECK(content_of_folder(folder, scene.cluster) == before);

  const Ended proved = scene.run({"backup", "verify", "--restore-test", "--scratch-dir",
                                  scene.cluster.make_folder("scratch")});
  CAPTURE(proved.out);
  CHECK(proved.code == 0);
  CHECK(scene.cli.left_behind().empty());
}

TEST_CASE("cli: physical: a folder is made as a server wants it, with a slash behind it or not") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const fs::path folder = scene.cluster.make_folder("restored");
  fs::permissions(folder, fs::perms(0755));
  const Words restore{"restore", "latest", "--type", "full", "--into", folder.string() + "/"};
  CHECK(scene.run(restore).code == 0);
  CHECK((fs::status(folder).permissions() & fs::perms(0777)) == fs::perms(0700));
  CHECK(content_of_folder(folder, scene.cluster) == content_of(scene.cluster));
  Words again = restore;
  again.push_back("--delta");
  CHECK(scene.run(again).code == 0);
  CHECK(content_of_folder(folder, scene.cluster) == content_of(scene.cluster));
}

TEST_CASE("cli: physical: the tablespaces of another cluster are left alone") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const fs::path spaces = scene.cluster.make_folder("spaces");
  const auto restore = [&](const fs::path& into, const fs::path& tablespaces) {
    return scene.run({"restore", "latest", "--type", "full", "--into", into, "--delta",
                      "--tablespaces", tablespaces});
  };
  const fs::path first = scene.cluster.make_folder("first"),
                 second = scene.cluster.make_folder("second");
  CHECK(restore(first, spaces).code == 0);
  const Ended refused = restore(second, spaces);
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"is no tablespace of " + second.string()}) == "");
  CHECK(fs::is_empty(second));
  CHECK(restore(second, second / "spaces").code == 64);
  CHECK(content_of_folder(first, scene.cluster) == content_of(scene.cluster));
  CHECK(restore(first, spaces).code == 0);

  // One that a newer copy has no more goes, and comes back with an older one.
  scene.cluster.execute("DROP TABLE there");
  scene.cluster.execute("DROP TABLESPACE space");
  scene.cluster.execute("CREATE TABLE there AS SELECT * FROM here");
  REQUIRE(scene.run({"backup", "--type", "delta"}).code == 0);
  const std::string old = scene.json({"backup", "list"}).at("backups").at(0).at("id");
  CHECK(restore(first, spaces).code == 0);
  CHECK(fs::is_empty(spaces));
  CHECK(scene
            .run({"restore", old, "--type", "full", "--into", first, "--delta", "--tablespaces",
                  spaces})
            .code == 0);
  CHECK(content_of_folder(first, scene.cluster) == content_of(scene.cluster));
}

TEST_CASE("cli: physical: a damaged block is found, and named") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  scene.damage_packs();
  const Ended verified = scene.run({"backup", "verify"});
  CHECK(verified.code == 2);
  CHECK(verified.out.find("blocks/packs/") != std::string::npos);
  const Ended restored =
      scene.run({"restore", "latest", "--type", "full", "--into", scene.cli / "data"});
  CHECK(restored.code == 2);
  CHECK_FALSE(fs::exists(scene.cli / "data/global/pg_control"));
}

TEST_CASE("cli: physical: a host that can't decrypt makes deltas, and prune needs no key") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Scene scene;
  const AgeKey key(scene.cli / "key.txt");
  scene.variables["PRISMCTL_BACKUP_RECIPIENTS"] = key.recipient;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const std::uint64_t full = scene.added();
  REQUIRE(scene.run({"backup", "--type", "delta"}).code == 0);
  CHECK(scene.added() * 10 < full);
  CHECK(scene.run({"backup", "verify", "--all"}).code == 1);  // read, not decrypted
  CHECK(scene.run({"backup", "prune", "--keep-last", "1"}).code == 0);
  CHECK(scene.json({"backup", "list"}).at("backups").size() == 1);
  scene.variables["PRISMCTL_BACKUP_IDENTITY_FILE"] = key.file.string();
  CHECK(scene.run({"backup", "verify"}).code == 0);
  const auto folder = scene.cluster.make_folder("restored");
  CHECK(scene.run({"restore", "latest", "--type", "full", "--into", folder}).code == 0);
  CHECK(content_of_folder(folder, scene.cluster) == content_of(scene.cluster));
}

TEST_CASE("cli: physical: a delta after a change of recipients is restored by the new key alone") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  Scene scene;
  const AgeKey before(scene.cli / "before.txt"), now(scene.cli / "now.txt");
  scene.variables["PRISMCTL_BACKUP_RECIPIENTS"] = before.recipient;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const std::uint64_t full = scene.added();
  scene.variables["PRISMCTL_BACKUP_RECIPIENTS"] = now.recipient;
  const Ended changed = scene.run({"backup", "--type", "delta"});
  CHECK(changed.code == 0);
  CHECK(missing_in(changed.err, {"all blocks are stored anew"}) == "");
  CHECK(scene.added() * 2 > full);
  const Ended next = scene.run({"backup", "--type", "delta"});
  CHECK(next.code == 0);
  CHECK(next.err.find("anew") == std::string::npos);
  CHECK(scene.added() * 10 < full);
  scene.variables["PRISMCTL_BACKUP_IDENTITY_FILE"] = now.file.string();
  scene.variables["PRISMCTL_BACKUP_BLOCK_KEY_FILE"] = (scene.cli / "none").string();
  CHECK(scene.run({"backup", "verify"}).code == 0);
  const auto folder = scene.cluster.make_folder("restored");
  CHECK(scene.run({"restore", "latest", "--type", "full", "--into", folder}).code == 0);
  CHECK(content_of_folder(folder, scene.cluster) == content_of(scene.cluster));
}

TEST_CASE("cli: physical: blocks that verify found damaged are stored anew by the next delta") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  scene.damage_packs();
  const Ended verified = scene.run({"backup", "verify"});
  CHECK(verified.code == 2);
  CHECK(missing_in(verified.out, {"backup --type full"}) == "");
  const Ended delta = scene.run({"backup", "--type", "delta"});
  CHECK(delta.code == 0);
  CHECK(missing_in(delta.err, {"found bad are not used"}) == "");
  CHECK(scene.run({"backup", "verify"}).code == 0);
  CHECK(scene.run({"backup", "prune", "--keep-last", "1"}).code == 0);
  const auto folder = scene.cluster.make_folder("restored");
  CHECK(scene.run({"restore", "latest", "--type", "full", "--into", folder}).code == 0);
  CHECK(content_of_folder(folder, scene.cluster) == content_of(scene.cluster));
}

TEST_CASE("cli: physical: blocks that no backup needs go with the last that did") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const Json pruned = scene.json({"backup", "prune", "--keep-last", "1"});
  CHECK(pruned.at("swept").at("packs") > 0);
  CHECK(scene.run({"backup", "verify"}).code == 0);
  CHECK(scene.json({"backup", "prune", "--keep-last", "1"}).at("swept").at("packs") == 0);
}

TEST_CASE("cli: physical: what can't be is said before anything is touched") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  const auto folder = scene.cluster.make_folder("restored");
  CHECK(scene.run({"restore", "latest", "--type", "full", "--into", folder}).code == 66);
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  CHECK(scene.run({"restore", "latest", "--type", "full"}).code == 64);
  CHECK(scene.run({"restore", "latest", "--to-time", "latest"}).code == 64);
  const auto until = [&](const std::string& flag, const std::string& value) {
    return scene.run({"restore", "latest", "--type", "full", "--into", folder, flag, value}).code;
  };
  CHECK(until("--to-time", "yesterday") == 64);
  CHECK(until("--to-time", "2001-01-01 10:00Z") == 66);  // no backup is that old
  CHECK(until("--to-lsn", "1-2") == 64);
  CHECK(until("--to-time", "latest") == 66);  // nothing is archived
  CHECK(fs::is_empty(folder));

  std::ofstream(folder / "mine.txt") << "not of PostgreSQL";
  CHECK(until("--jobs", "1") == 73);
  const Ended used =
      scene.run({"restore", "latest", "--type", "full", "--into", scene.cluster.data(), "--delta"});
  CHECK(used.code == 73);
  CHECK(used.err.find("postmaster.pid") != std::string::npos);

  const Json plan =
      scene.json({"restore", "latest", "--type", "full", "--into", scene.cli / "new", "--dry-run"});
  CHECK(plan.at("wal").size() == 1);
  CHECK_FALSE(fs::exists(scene.cli / "new"));
}

TEST_CASE("cli: physical: a restore that was cut off is told, and finished by the next") {
  if (!has_service("PRISM_TEST_POSTGRES")) return;
  const Scene scene;
  REQUIRE(scene.run({"backup", "--type", "full"}).code == 0);
  const auto folder = scene.cluster.make_folder("restored");
  REQUIRE(scene.run({"restore", "latest", "--type", "full", "--into", folder}).code == 0);
  // What such a run has left: the mark, and no pg_control.
  std::ofstream(folder / ".prismctl-restore") << "";
  fs::remove(folder / "global/pg_control");
  const Json finished = scene.json({"restore", "latest", "--type", "full", "--into", folder});
  CHECK_FALSE(finished.at("targets").at(0).at("finished").is_null());
  CHECK_FALSE(fs::exists(folder / ".prismctl-restore"));
  CHECK(content_of_folder(folder, scene.cluster) == content_of(scene.cluster));
}

}  // namespace prism::test
