#include <algorithm>
#include <csignal>
#include <fstream>
#include <optional>

#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/small_disk.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A database and a folder of files, by the names `books` and `certs`.
struct Scene {
  Scene() {
    cli.write("books.db", "");
    Sql(cli / "books.db").execute("CREATE TABLE book (title); INSERT INTO book VALUES ('old')");
    cli.write("certs/a.pem", "one");
    configure("");
  }

  void configure(const std::string& more) const {
    cli.write("prismctl.toml", more +
                                   "[targets.books]\nurl = 'sqlite:books.db'\n"
                                   "[targets.certs]\npaths = ['certs']\n");
    fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  }

  Ended run(const Words& words, const Variables& variables = {}) const {
    return cli(words, variables);
  }
  std::string make(const Variables& variables = {}) const {
    const Ended made = run({"backup"}, variables);
    CAPTURE(made.err);
    REQUIRE(made.code == 0);
    return backups().back().at("id");
  }
  Json backups() const { return cli.json({"backup", "list"}).at("backups"); }
  fs::path object(const std::string& id, const std::string& name) const {
    return cli / ("backups/" + id + "/" + name);
  }
  void flip(const fs::path& file, std::size_t at) const {
    std::string content = content_of(file);
    REQUIRE(content.size() > at);
    content[at] = static_cast<char>(content[at] ^ 1);
    std::ofstream(file, std::ios::binary) << content;
  }
  /// The only report that there is, and nothing of it stays.
  Json report() const {
    Json found;
    for (const auto& entry : fs::directory_iterator(cli / "backups/reports")) {
      if (entry.path().extension() == ".json") found = Json::parse(content_of(entry.path()));
    }
    fs::remove_all(cli / "backups/reports");
    return found;
  }
  /// Neither target was touched since it was changed.
  bool is_as_changed() const {
    return Sql(cli / "books.db").text("SELECT title FROM book") == "new" &&
           content_of(cli / "certs/a.pem") == "two";
  }
  void change() const {
    Sql(cli / "books.db").execute("UPDATE book SET title = 'new'");
    cli.write("certs/a.pem", "two");
  }

  Cli cli;
};

/// A run that is in the midst of its work, until the file `go` is there.
class Waiting {
 public:
  explicit Waiting(const Scene& scene) : scene_(scene) {
    scene.configure("[backup]\nbefore = 'touch begun; while [ ! -e go ]; do sleep 0.01; done'\n");
    process_.emplace(scene.cli.launch({"backup"}));
    REQUIRE(comes_true([&] { return fs::exists(scene.cli / "begun"); }));
    scene.configure("");
  }
  Ended go() {
    scene_.cli.write("go", "");
    return process_->wait();
  }
  Process& process() { return *process_; }

 private:
  const Scene& scene_;
  std::optional<Process> process_;
};

std::string made_by(const std::string& program, const Words& arguments) {
  Launch launch;
  launch.program = program;
  launch.arguments = arguments;
  const Ended ended = run(launch);
  REQUIRE(ended.code == 0);
  return ended.err;
}

/// A recipient and the file of its identity.
struct Key {
  std::string recipient;
  fs::path file;
};

Key age_key(const Scene& scene, const std::string& name) {
  const fs::path file = scene.cli / name;
  const std::string said = made_by("/usr/bin/age-keygen", {"-o", file});
  return {said.substr(said.find("age1"), 62), file};
}

Key ssh_key(const Scene& scene, const std::string& name, const std::string& type,
            const std::string& passphrase = "") {
  const fs::path file = scene.cli / name;
  made_by("/usr/bin/ssh-keygen", {"-q", "-t", type, "-N", passphrase, "-C", "nora", "-f", file});
  std::string recipient = content_of(file.string() + ".pub");
  recipient.erase(recipient.find('\n'));
  return {recipient, file};
}

Variables for_recipient(const std::string& recipient) {
  return {{"PRISMCTL_BACKUP_RECIPIENTS", recipient}};
}
Variables by_identity(const fs::path& file) {
  return {{"PRISMCTL_BACKUP_IDENTITY_FILE", file.string()}};
}

}  // namespace

TEST_CASE("cli: a damaged manifest is bad, in the report and by the exit code") {
  const Scene scene;
  const std::string id = scene.make();
  scene.flip(scene.object(id, "manifest.json"), 40);
  for (const Words& words : {Words{"backup", "verify", id}, Words{"backup", "verify", "--all"},
                             Words{"backup", "verify", id, "--restore-test"}}) {
    CAPTURE(joined(words));
    const Ended verified = scene.run(words);
    CHECK(verified.code == 2);
    CHECK(missing_in(verified.out, {"damaged", "manifest.json"}) == "");
    const Json report = scene.report();
    CHECK(report.at("outcome") == "bad");
    CHECK(report.at("trouble").get<std::string>().find("manifest.json") != std::string::npos);
  }
  CHECK(scene.run({"restore", id, "--force"}).code == 2);
}

TEST_CASE("cli: verify of a partial backup is of none, exit 3") {
  const Scene scene;
  const std::string id = scene.make();
  fs::remove(scene.object(id, "manifest.json"));
  CHECK(scene.run({"backup", "verify", id}).code == 3);
  CHECK(scene.run({"backup", "verify", "--all"}).code == 3);
  CHECK_FALSE(fs::exists(scene.cli / "backups/reports"));
  scene.make();
  CHECK(scene.run({"backup", "verify", "--all"}).code == 0);
}

TEST_CASE("cli: a restore test that can't leave its report is not done, and says so") {
  const Scene scene;
  scene.make();
  scene.cli.write("backups/reports", "in the way");
  const Ended tested = scene.run({"backup", "verify", "--restore-test", "--quiet"});
  CHECK(tested.code == 1);
  CHECK(missing_in(tested.err, {"no report could be kept"}) == "");
  CHECK(scene.run({"backup", "verify"}).code == 0);
}

TEST_CASE("cli: a backup dies before it has stored anything: list shows it, prune removes it") {
  const Scene scene;
  const std::string whole = scene.make();
  {
    Waiting waiting(scene);
    const Json seen = scene.backups().back();
    CHECK(seen.at("state") == "partial");
    CHECK(seen.at("under_way") == true);
    CHECK(seen.at("targets") == Json{"books", "certs"});
    CHECK(missing_in(scene.run({"backup", "list"}).out, {"under way"}) == "");
    waiting.process().send(SIGKILL);
    waiting.process().wait();
    scene.cli.write("go", "");
  }
  const Json seen = scene.backups().back();
  CHECK(seen.at("state") == "partial");
  CHECK(seen.at("under_way") == false);
  const Ended pruned = scene.run({"backup", "prune", "--keep-last", "1"});
  CHECK(pruned.code == 1);
  CHECK(missing_in(pruned.out, {"may be under way"}) == "");

  const std::string old = "20200101T000000Z-0000";
  fs::rename(scene.cli / ("backups/" + seen.at("id").get<std::string>()),
             scene.cli / ("backups/" + old));
  const fs::path leftover =
      scene.cli.write("backups/" + old + "/.x.zst.0123456789abcdef.prismctl.tmp", "half");
  fs::last_write_time(leftover, fs::file_time_type::clock::now() - std::chrono::hours(30));
  const Ended later = scene.run({"backup", "prune", "--keep-last", "1"});
  CHECK(later.code == 0);
  CHECK(missing_in(later.out, {old + "  removed", whole + "  kept"}) == "");
  CHECK_FALSE(fs::exists(scene.cli / ("backups/" + old)));
  CHECK(scene.backups().size() == 1);
}

TEST_CASE("cli: after a failed backup prune removes no complete one, says why, exit 1") {
  const Scene scene;
  for (int i = 0; i < 3; ++i) scene.make();
  fs::rename(scene.cli / "certs", scene.cli / "away");
  REQUIRE(scene.run({"backup"}).code == 2);
  const std::string failed = scene.backups().back().at("id");
  const Words prune{"backup", "prune", "--keep-last", "1"};
  const Ended kept = scene.run(prune);
  CHECK(kept.code == 1);
  CHECK(missing_in(kept.err, {"the newest backup " + failed + " is incomplete"}) == "");
  CHECK(missing_in(kept.out, {"kept: the newest backup has failed"}) == "");
  CHECK(scene.backups().size() == 4);
  CHECK(scene.cli.json(prune).at("trouble").is_string());
  fs::rename(scene.cli / "away", scene.cli / "certs");
  scene.make();
  const Ended pruned = scene.run(prune);
  CHECK(pruned.code == 0);
  CHECK(scene.backups().size() == 1);
  CHECK(scene.cli.json(prune).at("trouble").is_null());
}

TEST_CASE("cli: what verify found bad does not take the place of the older good one") {
  const Scene scene;
  const std::string good = scene.make(), bad = scene.make();
  scene.flip(scene.object(bad, "certs.tar.zst"), 10);
  CHECK(scene.run({"backup", "verify"}).code == 2);
  const Ended pruned = scene.run({"backup", "prune", "--keep-last", "1"});
  CHECK(missing_in(pruned.out, {good + "  kept: the newest good one of "}) == "");
  CHECK(scene.backups().size() == 2);
}

TEST_CASE("cli: two backups at once: one is refused, or waits") {
  const Scene scene;
  Waiting waiting(scene);
  const Ended refused = scene.run({"backup"});
  CHECK(refused.code == 75);
  CHECK(missing_in(refused.err, {"held by another run (backup, process "}) == "");
  Process patient(scene.cli.launch({"backup", "--lock-wait", "60"}));
  CHECK_FALSE(patient.ends_within(std::chrono::milliseconds(100)));
  CHECK(waiting.go().code == 0);
  CHECK(patient.wait().code == 0);
  CHECK(scene.backups().size() == 2);
  for (const Json& backup : scene.backups()) CHECK(backup.at("state") == "complete");
}

TEST_CASE("cli: a backup whose lock another run has taken away is none") {
  const Scene scene;
  scene.configure("[backup]\nafter = 'rm backups/locks/*'\n");
  const Ended lost = scene.run({"backup"});
  CAPTURE(lost.err);
  CHECK(lost.code == 75);
  CHECK(missing_in(lost.err, {"the lock was lost", "somebody has removed it"}) == "");
  CHECK(scene.backups().back().at("state") == "partial");
  scene.configure("");
  scene.make();
}

TEST_CASE("cli: of several backups that start at once one is made") {
  const Scene scene;
  scene.configure("[backup]\nbefore = 'while [ ! -e go ]; do sleep 0.01; done'\n");
  std::vector<Process> runs;
  for (int i = 0; i < 4; ++i) runs.emplace_back(scene.cli.launch({"backup"}));
  const auto running = [&] {
    return std::count_if(runs.begin(), runs.end(), [](const Process& run) {
      return !run.ends_within(std::chrono::milliseconds(0));
    });
  };
  CHECK(comes_true([&] { return running() <= 1; }));
  CHECK(running() == 1);
  scene.cli.write("go", "");
  std::map<int, int> codes;
  for (Process& run : runs) ++codes[run.wait().code];
  CHECK(codes == std::map<int, int>{{0, 1}, {75, 3}});
}

TEST_CASE("cli: cron's empty environment is enough for backup, verify and prune") {
  const Scene scene;
  for (const Words& words :
       {Words{"backup"}, Words{"backup", "verify"}, Words{"backup", "verify", "--restore-test"},
        Words{"backup", "prune", "--keep-last", "1"}}) {
    CAPTURE(joined(words));
    Launch launch = scene.cli.launch(words);
    launch.environment = {{"HOME", scene.cli.path().string()},
                          {"LOGNAME", "root"},
                          {"PATH", "/usr/bin:/bin"},
                          {"SHELL", "/bin/sh"}};
    const Ended ended = run(launch);
    CAPTURE(ended.err);
    CHECK(ended.code == 0);
  }
}

TEST_CASE("cli: with SSH keys a backup is encrypted, verified and restored") {
  for (const std::string type : {"ed25519", "rsa"}) {
    CAPTURE(type);
    const Scene scene;
    const Key key = ssh_key(scene, "key", type);
    scene.make(for_recipient(key.recipient));
    scene.change();
    CHECK(scene.run({"backup", "verify"}, by_identity(key.file)).code == 0);
    const Ended restored = scene.run({"restore", "latest", "--force"}, by_identity(key.file));
    CAPTURE(restored.err);
    CHECK(restored.code == 0);
    CHECK(content_of(scene.cli / "certs/a.pem") == "one");
    CHECK(Sql(scene.cli / "books.db").text("SELECT title FROM book") == "old");
  }
}

TEST_CASE("cli: a wrong or unusable key is told as such: no damage, and nothing is restored") {
  const Scene scene;
  const Key key = age_key(scene, "key"), stranger = age_key(scene, "stranger");
  const Key locked = ssh_key(scene, "locked", "ed25519", "secret");
  scene.make(for_recipient(key.recipient));
  scene.change();
  scene.cli.write("malformed", "nonsense");
  const auto tried = [&](const fs::path& file, int code, const std::string& words) {
    CAPTURE(file);
    const Ended verified = scene.run({"backup", "verify"}, by_identity(file));
    CHECK(verified.code == 1);
    CHECK(missing_in(verified.out,
                     {": partial", "books: not tested: ", "certs: not tested: ", words}) == "");
    CHECK(scene.report().at("outcome") == "partial");
    CHECK(scene.run({"backup", "verify", "--restore-test"}, by_identity(file)).code == 1);
    CHECK(scene.report().at("outcome") == "partial");
    const Ended restored = scene.run({"restore", "latest", "--force"}, by_identity(file));
    CHECK(restored.code == code);
    CHECK(missing_in(restored.err, {words}) == "");
    CHECK(restored.err.find("damaged") == std::string::npos);
    CHECK(scene.is_as_changed());
    CHECK(scene.backups().size() == 1);
  };
  tried(stranger.file, 77, "no identity matched");
  tried(scene.cli / "nowhere", 66, "nowhere");
  tried(scene.cli / "malformed", 78, "unknown identity type");
  tried(locked.file, 78, "an identity with a passphrase");
}

TEST_CASE("cli: an identity that may not be read is no damage either") {
  const Scene scene;
  const Key key = age_key(scene, "key");
  scene.make(for_recipient(key.recipient));
  fs::permissions(key.file, fs::perms::none);
  Launch launch = scene.cli.launch({"restore", "latest", "--force"}, by_identity(key.file));
  launch.privileged = false;
  const Ended restored = run(launch);
  CHECK(restored.code == 77);
  CHECK(missing_in(restored.err, {key.file.string()}) == "");
}

TEST_CASE("cli: a recipient that is none is found before dumps begin, exit 78") {
  const Scene scene;
  const Ended refused = scene.run({"backup"}, for_recipient("age1nobody"));
  CHECK(refused.code == 78);
  CHECK(missing_in(refused.err, {"malformed recipient", "backup.recipients"}) == "");
  CHECK(scene.backups().empty());
  scene.make();
  scene.change();
  CHECK(scene.run({"restore", "latest", "--force"}, for_recipient("age1nobody")).code == 78);
  CHECK(scene.is_as_changed());
}

TEST_CASE("cli: a flipped byte or a missing object of any artifact is found, nothing is touched") {
  const Scene scene;
  const Key key = age_key(scene, "key");
  const auto look = [&](const std::string& id, const std::string& object, bool missing) {
    CAPTURE(object);
    CAPTURE(missing);
    const fs::path file = scene.object(id, object);
    const std::string whole = content_of(file);
    for (const std::size_t at : {std::size_t{3}, whole.size() / 2, whole.size() - 1}) {
      CAPTURE(at);
      missing ? void(fs::remove(file)) : scene.flip(file, at);
      const Ended verified = scene.run({"backup", "verify", id}, by_identity(key.file));
      CHECK(verified.code == 2);
      CHECK(missing_in(verified.out, {": bad", object + ": damaged"}) == "");
      CHECK(scene.run({"restore", id, "--force"}, by_identity(key.file)).code == 2);
      CHECK(scene.is_as_changed());
      std::ofstream(file, std::ios::binary) << whole;
      if (missing) break;
    }
  };
  const std::string plain = scene.make();
  const std::string encrypted = scene.make(for_recipient(key.recipient));
  scene.change();
  for (const bool missing : {false, true}) {
    look(plain, "books.db.zst", missing);
    look(plain, "certs.tar.zst", missing);
    look(encrypted, "books.db.zst.age", missing);
    look(encrypted, "certs.tar.zst.age", missing);
  }
  // Where an artifact names whom it is for, damage looks like the key of another.
  const fs::path file = scene.object(encrypted, "certs.tar.zst.age");
  scene.flip(file, content_of(file).find("X25519 ") + 10);
  CHECK(scene.run({"backup", "verify", encrypted}, by_identity(key.file)).code == 2);
  CHECK(scene.run({"restore", encrypted, "--force"}, by_identity(key.file)).code == 2);
  CHECK(scene.is_as_changed());
}

TEST_CASE("cli: a full disk fails a backup, which is none then, and leaves earlier ones") {
  const Scene scene;
  const SmallDisk disk(scene.cli / "backups", "1m");
  if (!disk.mounted()) return;
  const std::string first = scene.make();
  Sql(scene.cli / "books.db")
      .execute(
          "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
          "INSERT INTO book SELECT hex(randomblob(100)) FROM n");
  const Ended made = scene.run({"backup", "--target", "books"});
  CHECK(made.code == 2);
  CHECK(missing_in(made.out, {"books: failed: ", "o space left"}) == "");
  CHECK(scene.backups().back().at("state") == "incomplete");
  CHECK(scene.run({"backup", "verify", first}).code == 0);
  CHECK(scene.run({"restore", "latest", "--target", "certs", "--force", "--no-safety-copy"}).code ==
        0);
}

TEST_CASE("cli: a full disk during a restore leaves what was there") {
  const Scene scene;
  const SmallDisk disk(scene.cli / "small", "1m");
  if (!disk.mounted()) return;
  scene.cli.write("prismctl.toml", "[targets.books]\nurl = 'sqlite:small/books.db'\n");
  const auto fill = [&](int rows, int bytes) {
    const fs::path file = scene.cli.write("small/books.db", "");
    Sql(file).execute(
        "CREATE TABLE book AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT "
        "i + 1 FROM n WHERE i < " +
        std::to_string(rows) + ") SELECT randomblob(" + std::to_string(bytes) +
        ") AS title FROM n");
  };
  fill(5, 100'000);
  REQUIRE(scene.run({"backup"}).code == 0);
  fill(7, 10);
  scene.cli.write("small/filler", std::string(700'000, 'x'));
  const Ended restored = scene.run({"restore", "latest", "--force", "--no-safety-copy"});
  CAPTURE(restored.err);
  CHECK(restored.code != 0);
  CHECK(Sql(scene.cli / "small/books.db").text("PRAGMA integrity_check") == "ok");
  CHECK(Sql(scene.cli / "small/books.db").integer("SELECT count(*) FROM book") == 7);
  fs::remove(scene.cli / "small/filler");
  CHECK(scene.run({"restore", "latest", "--force", "--no-safety-copy"}).code == 0);
  CHECK(Sql(scene.cli / "small/books.db").integer("SELECT count(*) FROM book") == 5);
}

TEST_CASE("cli: a backup of the future is warned of, and has no negative age") {
  const Scene scene;
  const std::string id = scene.make();
  fs::rename(scene.cli / ("backups/" + id), scene.cli / "backups/20990101T000000Z-0000");
  fs::remove(scene.object("20990101T000000Z-0000", "manifest.json"));
  const Ended made = scene.run({"backup"});
  CHECK(made.code == 0);
  CHECK(missing_in(made.out, {"20990101T000001Z-"}) == "");
  CHECK(missing_in(made.err, {"20990101T000000Z-0000 is from the future"}) == "");
  const Ended pruned = scene.run({"backup", "prune", "--keep-last", "1"});
  CHECK(missing_in(pruned.err, {"20990101T000001Z-", "is from the future"}) == "");
  scene.cli.write("base.csv", table({"5001,6001,1146,7000"}));
  REQUIRE(scene.run({"seed", "base.csv", "--store", "facts.db", "--cache", "none"}).code == 0);
  const Ended status = scene.run({"status", "--store", "facts.db", "--cache", "none"});
  CHECK(missing_in(status.out, {"20990101T000001Z-", "(in the future)"}) == "");
}

}  // namespace prism::test
