#include <algorithm>
#include <fstream>

#include <doctest/doctest.h>

#include <prism/base/files.hpp>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A store with a few facts, and a folder of files beside it.
struct Scene {
  Scene() {
    cli.write("base.csv", table({"5001,6001,1146,7000", "5002,6002,1146,7000"}));
    REQUIRE(cli({"seed", "base.csv", "--store", "facts.db", "--cache", "none"}).code == 0);
    fs::create_directory(cli / "certs");
    cli.write("certs/a.pem", "one");
    cli.write("prismctl.toml", "store = 'facts.db'\n[targets.certs]\npaths = ['certs']\n");
    fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  }

  Ended run(const Words& words) const { return cli(words); }
  void change() const {
    Sql(cli / "facts.db").execute("DELETE FROM fact WHERE fact_uid = 5001");
    cli.write("certs/a.pem", "another");
  }
  std::int64_t facts() const { return Sql(cli / "facts.db").integer("SELECT count(*) FROM fact"); }
  std::string latest() const {
    const Json list = cli.json({"backup", "list"});
    return list.at("backups").back().at("id");
  }
  fs::path object(const std::string& name) const {
    return cli / ("backups/" + latest() + "/" + name);
  }

  Cli cli;
};

}  // namespace

TEST_CASE("cli: backup, list, verify, and restore of what was changed since") {
  const Scene scene;
  const Ended made = scene.run({"backup"});
  CAPTURE(made.err);
  CHECK(made.code == 0);
  CHECK(missing_in(made.out, {"certs: ", "facts: ", ": complete"}) == "");
  const Ended listed = scene.run({"backup", "list"});
  CHECK(missing_in(listed.out, {"complete", "facts certs"}) == "");
  const Ended verified = scene.run({"backup", "verify"});
  CHECK(verified.code == 0);
  CHECK(missing_in(verified.out, {"good", "facts: "}) == "");

  scene.change();
  CHECK(scene.facts() == 1);
  const Ended refused = scene.run({"restore", "latest"});
  CHECK(refused.code == 73);
  CHECK(missing_in(refused.err, {"holds something already", "--force"}) == "");
  const Ended planned = scene.run({"restore", "latest", "--dry-run"});
  CHECK(planned.code == 0);
  CHECK(missing_in(planned.out, {"overwrites ", "fact 1", "nothing was touched"}) == "");
  CHECK(scene.facts() == 1);

  const Ended restored = scene.run({"restore", "latest", "--force"});
  CAPTURE(restored.err);
  CHECK(restored.code == 0);
  CHECK(scene.facts() == 2);
  CHECK(content_of(scene.cli / "certs/a.pem") == "one");
  CHECK(missing_in(restored.out,
                   {"overwrites what was there", "what was there is kept as backup"}) == "");
  CHECK(missing_in(scene.run({"backup", "list"}).out, {"safety copy"}) == "");
  CHECK(scene.run({"status", "--store", "facts.db", "--cache", "none"}).code == 0);
}

TEST_CASE("cli: one target is restored elsewhere") {
  const Scene scene;
  REQUIRE(scene.run({"backup"}).code == 0);
  scene.change();
  const Ended database =
      scene.run({"restore", "latest", "--target", "facts", "--into", "look/old.db"});
  CAPTURE(database.err);
  CHECK(database.code == 0);
  CHECK(Sql(scene.cli / "look/old.db").integer("SELECT count(*) FROM fact") == 2);
  CHECK(scene.facts() == 1);
  const Ended files = scene.run({"restore", "latest", "--target", "certs", "--into", "out"});
  CAPTURE(files.err);
  CHECK(files.code == 0);
  CHECK(content_of(scene.cli / ("out" + (scene.cli / "certs/a.pem").string())) == "one");
  CHECK(content_of(scene.cli / "certs/a.pem") == "another");
  CHECK(scene.run({"restore", "latest", "--into", "out"}).code == 64);
  CHECK(scene.run({"restore", "latest", "--target", "certs", "--into", "out"}).code == 73);
}

TEST_CASE("cli: damage is found by verify, and nothing is restored from it") {
  const Scene scene;
  REQUIRE(scene.run({"backup"}).code == 0);
  scene.change();
  {
    std::fstream out(scene.object("facts.db.zst"), std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(200);
    out.put('\x55');
  }
  const Ended verified = scene.run({"backup", "verify"});
  CHECK(verified.code == 2);
  CHECK(missing_in(verified.out, {"facts.db.zst: damaged", "certs: "}) == "");
  CHECK(scene.run({"restore", "latest", "--force"}).code == 2);
  CHECK(content_of(scene.cli / "certs/a.pem") == "another");
  CHECK(scene.run({"restore", "latest", "--force", "--target", "certs"}).code == 0);
  CHECK(content_of(scene.cli / "certs/a.pem") == "one");
}

TEST_CASE("cli: an encrypted backup is opened by its identity alone, and by plain age") {
  const Scene scene;
  const auto key_file = scene.cli / "key.txt";
  Launch keygen;
  keygen.program = "/usr/bin/age-keygen";
  keygen.arguments = {"-o", key_file};
  const Ended generated = run(keygen);
  REQUIRE(generated.code == 0);
  const std::string recipient = generated.err.substr(generated.err.find("age1"), 62);
  const Variables encrypted{{"PRISMCTL_BACKUP_RECIPIENTS", recipient}};
  const Variables opened{{"PRISMCTL_BACKUP_IDENTITY_FILE", key_file}};
  const Ended made = scene.cli({"backup"}, encrypted);
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  const fs::path object = scene.object("facts.db.zst.age");
  REQUIRE(fs::exists(object));
  CHECK(content_of(object).find("SQLite") == std::string::npos);

  const Ended blind = scene.run({"backup", "verify"});
  CHECK(blind.code == 1);
  CHECK(missing_in(blind.out, {"facts: ", "read, not decrypted"}) == "");
  CHECK(scene.cli({"backup", "verify"}, opened).code == 0);
  CHECK(scene.run({"restore", "latest", "--force"}).code == 78);
  scene.change();
  CHECK(scene.cli({"restore", "latest", "--force"}, opened).code == 0);
  CHECK(scene.facts() == 2);

  Launch plain;
  plain.program = "/bin/sh";
  plain.arguments = {"-c", "age -d -i \"$0\" \"$1\" | zstd -d | head -c 15", key_file, object};
  plain.environment["PATH"] = "/usr/bin:/bin";
  CHECK(run(plain).out == "SQLite format 3");

  const Ended wrong = scene.cli({"backup"}, {{"PRISMCTL_BACKUP_RECIPIENTS", "age1nobody"}});
  CHECK(wrong.code == 78);
  CHECK(missing_in(wrong.err, {"malformed recipient"}) == "");
}

TEST_CASE("cli: without a backup verify is unknown, and there is nothing to restore") {
  const Scene scene;
  CHECK(scene.run({"backup", "verify"}).code == 3);
  CHECK(scene.run({"backup", "verify", "--all"}).code == 3);
  CHECK(scene.run({"restore", "latest"}).code == 66);
  CHECK(scene.run({"backup", "list"}).code == 0);
  CHECK(scene.cli.json({"backup", "list"}).at("backups").empty());
  CHECK_FALSE(fs::exists(scene.cli / "backups"));
}

TEST_CASE("cli: backup prune keeps what its policy says, and what is pinned") {
  const Scene scene;
  for (int i = 0; i < 4; ++i) REQUIRE(scene.run({"backup", "--target", "certs"}).code == 0);
  const Json before = scene.cli.json({"backup", "list"}).at("backups");
  const std::string first = before[0].at("id");
  CHECK(scene.run({"backup", "prune"}).code == 64);
  CHECK(scene.run({"backup", "prune", "--keep-last", "0"}).code == 64);
  CHECK(scene.run({"backup", "pin", first}).code == 0);
  CHECK(missing_in(scene.run({"backup", "prune", "--keep-last", "2", "--dry-run"}).out,
                   {"would be removed", "pinned", "one of the last 2"}) == "");
  CHECK(scene.cli.json({"backup", "list"}).at("backups").size() == 4);
  CHECK(scene.run({"backup", "prune", "--keep-last", "2"}).code == 0);
  CHECK(scene.cli.json({"backup", "list"}).at("backups").size() == 3);
  CHECK(scene.run({"backup", "unpin", first}).code == 0);
  CHECK(scene.run({"backup", "prune", "--keep-last", "2"}).code == 0);
  CHECK(scene.cli.json({"backup", "list"}).at("backups").size() == 2);
}

TEST_CASE("cli: one target that fails leaves an incomplete backup, exit 2") {
  const Scene scene;
  fs::remove_all(scene.cli / "certs");
  const Ended made = scene.run({"backup"});
  CHECK(made.code == 2);
  CHECK(missing_in(made.out, {"certs: failed", ": incomplete"}) == "");
  CHECK(missing_in(scene.run({"backup", "list"}).out, {"incomplete", "facts certs!"}) == "");
  CHECK(scene.run({"backup", "verify", scene.latest()}).code == 2);
  CHECK(scene.run({"backup", "verify"}).code == 3);
}

TEST_CASE("cli: backup with nothing to back up, or of what it can't, says so") {
  const Cli cli;
  const Ended nothing = cli({"backup"});
  CHECK(nothing.code == 64);
  CHECK(missing_in(nothing.err, {"nothing to back up"}) == "");
  const Variables nowhere{{"DATABASE_URL", "postgresql://127.0.0.1:1/x"}};
  const std::string hint = "check that the server runs and that the URL is right";
  const Ended away = cli({"backup"}, nowhere);
  CHECK(away.code == 2);
  CHECK(missing_in(away.out, {"store: failed: ", "\nHINT: " + hint, "incomplete"}) == "");
  CHECK(missing_in(away.err, {"(" + hint + ")"}) == "");
  CHECK(cli.json({"backup"}, nowhere).at("backup").at("targets").at(0).at("hint") == hint);
  CHECK(cli({"backup", "--target", "nope"}).code == 64);
  CHECK(cli({"backup", "--type", "full"}).code == 64);
  CHECK(cli({"backup", "--type", "half"}).code == 64);
  CHECK(cli({"restore", "latest", "--to-time", "2026-11-21T10:15:00Z"}).code == 64);
  CHECK(cli({"backup", "--repository", "s3://bucket"}, {{"PRISMCTL_STORE", "x.db"}}).code != 0);
}

TEST_CASE("cli: the SQLite file of a system is backed up by the system's own environment file") {
  const Cli cli;
  fs::create_directories(cli / "hbi/data");
  cli.write("hbi/data/prod.db", "");
  Sql(cli / "hbi/data/prod.db").execute("CREATE TABLE book (x); INSERT INTO book VALUES (1), (2)");
  cli.write("hbi/.env", "DATABASE_URL=sqlite:///./data/prod.db\n");
  const Json made = cli.json({"backup", "--env-file", "hbi/.env"});
  const Json& target = made.at("backup").at("targets").at(0);
  CHECK(target.at("name") == "store");
  CHECK(target.at("kind") == "sqlite");
  CHECK(target.at("counts") == Json{{"book", 2}});
}

TEST_CASE("cli: a restore test leaves a report, and status knows its age") {
  const Scene scene;
  REQUIRE(scene.run({"backup"}).code == 0);
  CHECK(missing_in(scene.run({"status"}).out, {"verified never, restore test never"}) == "");
  REQUIRE(scene.run({"backup", "verify"}).code == 0);
  const Ended tested = scene.run({"backup", "verify", "--restore-test"});
  CAPTURE(tested.err);
  CHECK(tested.code == 0);
  CHECK(missing_in(tested.out, {"facts: ", "restored into ", "report: reports/"}) == "");
  const std::string name = tested.out.substr(tested.out.find("reports/"));
  const std::string page =
      read_file(scene.cli / ("backups/" + name.substr(0, name.find('\n'))), 10'000);
  CHECK(missing_in(page, {"Restore test of backup " + scene.latest() + ": good",
                          "[ok]   number of fact: 2", "[ok]   SHA-256 of the file: "}) == "");
  CHECK(missing_in(scene.run({"status"}).out,
                   {scene.latest(), "verified ", " ago (good), restore test "}) == "");
  const Json status = scene.cli.json({"status"});
  CHECK(status.at("backups").at("restore_test").at("outcome") == "good");
  CHECK(scene.facts() == 2);
}

TEST_CASE("cli: what a restore test finds bad is critical for status") {
  const Scene scene;
  REQUIRE(scene.run({"backup"}).code == 0);
  scene.cli.write("backups/" + scene.latest() + "/certs.tar.zst", "no archive");
  const Ended tested = scene.run({"backup", "verify", "--restore-test"});
  CHECK(tested.code == 2);
  CHECK(missing_in(tested.out, {": bad", "certs: ", "damaged"}) == "");
  const Ended status = scene.run({"status"});
  CHECK(status.code == 2);
  CHECK(missing_in(status.out, {"the last restore-test found backup", " bad: see reports/"}) == "");
}

TEST_CASE("cli: hooks of the config file stand around backups, one that fails is told") {
  const Scene scene;
  const auto configure = [&](const std::string& after) {
    scene.cli.write("prismctl.toml",
                    "store = 'facts.db'\n[backup]\nbefore = 'echo begin >> told'\nafter = '" +
                        after +
                        "'\n[targets.certs]\npaths = ['certs']\nbefore = 'echo stop >> told'\n"
                        "after = 'echo start >> told'\ntime_limit = 60\n");
  };
  configure("echo end $PRISMCTL_RESULT >> told");
  CHECK(scene.run({"backup"}).code == 0);
  CHECK(read_file(scene.cli / "told", 1000) == "begin\nstop\nstart\nend ok\n");
  configure("exit 5");
  const Ended degraded = scene.run({"backup"});
  CHECK(degraded.code == 1);
  CHECK(missing_in(degraded.err, {"hook after the backup ended with 5"}) == "");
  CHECK(missing_in(degraded.out, {": complete"}) == "");
}

TEST_CASE("cli: a time limit that is none is refused by its line") {
  const Scene scene;
  scene.cli.write("prismctl.toml", "[targets.certs]\npaths = ['certs']\ntime_limit = 0\n");
  const Ended refused = scene.run({"backup"});
  CHECK(refused.code == 78);
  CHECK(missing_in(refused.err, {"line 3", "targets.certs.time_limit", "1 to "}) == "");
}

TEST_CASE("cli: parts of a system that are not backed up are named") {
  const Scene scene;
  const Ended made = scene.cli(
      {"backup"}, {{"MINIO_ENDPOINT", "localhost:1"}, {"DATABASE_URL", "mysql://localhost/books"}});
  CHECK(made.code == 0);
  CHECK(missing_in(made.err, {"MINIO_ENDPOINT", "no bucket", "not backed up",
                              "DATABASE_URL names neither"}) == "");
}

TEST_CASE("cli: a target bears the name that it was given, and the fact store then another") {
  const Scene scene;
  scene.cli.write("prismctl.toml", "store = 'facts.db'\n[targets.facts]\npaths = ['certs']\n");
  const Json made = scene.cli.json({"backup"});
  std::map<std::string, std::string> kinds;
  for (const Json& target : made.at("backup").at("targets")) {
    kinds[target.at("name")] = target.at("kind");
  }
  CHECK(kinds == std::map<std::string, std::string>{{"facts", "files"}, {"fact-store", "sqlite"}});
}

TEST_CASE("cli: a store that was named and is not there fails its backup") {
  const Scene scene;
  fs::remove(scene.cli / "facts.db");
  const Ended made = scene.run({"backup"});
  CHECK(made.code == 2);
  CHECK(missing_in(made.out, {"facts: failed", ": incomplete"}) == "");
}

TEST_CASE("cli: a target that is named twice is backed up once") {
  const Scene scene;
  const Json made = scene.cli.json({"backup", "--target", "certs", "--target", "certs"});
  CHECK(made.at("backup").at("targets").size() == 1);
}

TEST_CASE("cli: a system without a fact store has a state by its backups") {
  const Cli cli;
  fs::create_directory(cli / "certs");
  cli.write("certs/a.pem", "one");
  cli.write("prismctl.toml", "[targets.certs]\npaths = ['certs']\n");
  fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  REQUIRE(cli({"backup"}).code == 0);
  const Ended status = cli({"status"});
  CHECK(status.code == 0);
  CHECK(missing_in(status.out, {"state    ok", "backups  ./backups: "}) == "");
  CHECK(cli.json({"status"}).at("store").is_null());
  CHECK(cli({"status", "--store", "gone.db"}).code == 3);
}

TEST_CASE("cli: a dry run of a restore says what else would be done") {
  const Scene scene;
  REQUIRE(scene.run({"backup"}).code == 0);
  CHECK(missing_in(scene.run({"restore", "latest", "--dry-run"}).out,
                   {"overwrites", "it would be refused: --force"}) == "");
  CHECK(missing_in(scene.run({"restore", "latest", "--dry-run", "--force"}).out,
                   {"a copy of what is overwritten would be kept first"}) == "");
  CHECK(scene.cli.json({"restore", "latest", "--dry-run"}).at("refused") == true);
  CHECK(scene.cli.json({"restore", "latest", "--dry-run", "--force"}).at("refused") == false);
}

TEST_CASE("cli: an audit line is left by what changes something, not by a list") {
  const Scene scene;
  const auto lines = [&] {
    const std::string text = read_file(scene.cli / "audit.jsonl", 100'000);
    return std::count(text.begin(), text.end(), '\n');
  };
  REQUIRE(scene.run({"backup", "--audit-log", "audit.jsonl"}).code == 0);
  CHECK(lines() == 1);
  REQUIRE(scene.run({"backup", "list", "--audit-log", "audit.jsonl"}).code == 0);
  CHECK(lines() == 1);
  REQUIRE(scene.run({"backup", "verify", "--audit-log", "audit.jsonl"}).code == 0);
  CHECK(lines() == 2);
}

}  // namespace prism::test
