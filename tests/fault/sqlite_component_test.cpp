#include <cstring>
#include <fstream>

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <prism/drivers/drivers.hpp>

#include "cli/cli.hpp"
#include "support/memory_artifacts.hpp"
#include "support/quiet.hpp"
#include "support/small_disk.hpp"
#include "support/thrown.hpp"

namespace prism {
namespace {

namespace fs = std::filesystem;
using test::MemoryArtifacts;
using test::Sql;
using Milliseconds = test::Process::Milliseconds;

/// The real binary with one target, `books.db` in a folder of its own.
struct Scene {
  explicit Scene(const std::string& journal = "delete") {
    cli.write("prismctl.toml", "[targets.books]\nurl = 'sqlite:data/books.db'\n");
    fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
    cli.write("data/books.db", "");
    Sql(file()).execute("PRAGMA journal_mode = " + journal);
    Sql(file()).execute("CREATE TABLE book (state, text)");
    fill("old");
  }
  ~Scene() { fs::permissions(file().parent_path(), fs::perms::owner_all); }

  fs::path file() const { return cli / "data/books.db"; }

  void fill(const std::string& state, int rows = 1000) const {
    Sql(file()).execute(
        "BEGIN; DELETE FROM book; WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n "
        "WHERE i < " +
        std::to_string(rows) + ") INSERT INTO book SELECT '" + state +
        "', hex(randomblob(100)) FROM n; COMMIT");
  }

  std::string states() const {
    return Sql(file()).text("SELECT group_concat(state) FROM (SELECT DISTINCT state FROM book)");
  }

  /// Nobody but root makes files beside the database.
  void seal() const {
    fs::permissions(file().parent_path(), fs::perms::owner_read | fs::perms::owner_exec);
  }

  test::Launch unprivileged(const test::Words& words) const {
    test::Launch launch = cli.launch(words);
    launch.privileged = false;
    return launch;
  }

  /// What the newest backup holds.
  void check_newest(const std::string& state, int rows) const {
    const fs::path restored = cli / "restored.db";
    fs::remove(restored);
    const test::Ended ended = cli({"restore", "latest", "--into", "sqlite:" + restored.string()});
    REQUIRE_MESSAGE(ended.code == 0, ended.err);
    const Sql sql(restored);
    CHECK(sql.text("SELECT group_concat(state) FROM (SELECT DISTINCT state FROM book)") == state);
    CHECK(sql.integer("SELECT count(*) FROM book") == rows);
  }

  test::Cli cli;
};

std::unique_ptr<backup::Component> open(const fs::path& file, test::Quiet& quiet) {
  return drivers::open_component({"books", "sqlite", file.string(), "", ""}, {}, quiet.log(),
                                 quiet.cancel());
}

}  // namespace

TEST_CASE("fault: sqlite target: a folder that is not ours to write doesn't spare the locks") {
  const Scene scene;
  const Sql writer(scene.file());
  writer.execute("PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE book SET state = 'torn'");
  scene.seal();
  test::Process backup(scene.unprivileged({"backup"}));
  CHECK_FALSE(backup.ends_within(Milliseconds(500)));
  writer.execute("ROLLBACK");
  CHECK(backup.wait().code == 0);
  scene.check_newest("old", 1000);
}

TEST_CASE("fault: sqlite target: a log in a folder that is not ours to write is read with it") {
  const Scene scene("wal");
  const Sql writer(scene.file());
  writer.execute("PRAGMA wal_autocheckpoint = 0; UPDATE book SET state = 'new'");
  scene.seal();
  const test::Ended ended = test::run(scene.unprivileged({"backup"}));
  CHECK_MESSAGE(ended.code == 0, ended.err);
  scene.check_newest("new", 1000);
}

TEST_CASE("fault: sqlite target: what nobody uses is read where no log can be made beside it") {
  const Scene scene("wal");
  REQUIRE_FALSE(fs::exists(scene.file().string() + "-wal"));
  scene.seal();
  const test::Ended ended = test::run(scene.unprivileged({"backup"}));
  CHECK_MESSAGE(ended.code == 0, ended.err);
  scene.check_newest("old", 1000);
}

TEST_CASE("fault: sqlite target: a log that can't be read is no reason to leave it out") {
  const Scene scene("wal");
  const Sql writer(scene.file());
  writer.execute("PRAGMA wal_autocheckpoint = 0; UPDATE book SET state = 'new'");
  fs::copy(scene.file(), scene.cli / "data/copy.db");
  fs::copy(scene.file().string() + "-wal", scene.cli / "data/copy.db-wal");
  scene.cli.write("prismctl.toml", "[targets.books]\nurl = 'sqlite:data/copy.db'\n");
  scene.seal();
  const test::Ended ended = test::run(scene.unprivileged({"backup"}));
  CHECK(ended.code == 2);
  CHECK(test::missing_in(ended.err, {"data/copy.db: in use, and its write-ahead log"}) == "");
}

TEST_CASE("fault: sqlite target: what somebody has open is not read without locks") {
  const Scene scene("wal");
  const Sql reader(scene.file());
  REQUIRE(reader.integer("SELECT count(*) FROM book") == 1000);
  for (const char* const end : {"-wal", "-shm"}) {
    REQUIRE(fs::exists(scene.file().string() + end));
    fs::permissions(scene.file().string() + end, fs::perms::none);
  }
  scene.seal();
  const test::Ended ended = test::run(scene.unprivileged({"backup"}));
  CHECK(ended.code == 2);
  CHECK(test::missing_in(ended.err, {"data/books.db: in use, and its write-ahead log"}) == "");
}

TEST_CASE("fault: sqlite target: a restore on a full disk says so and leaves what was there") {
  const Scene scene;
  scene.fill("new", 10'000);
  REQUIRE(scene.cli({"backup"}).code == 0);
  const test::SmallDisk disk(scene.cli / "disk", "4m");
  if (!disk.mounted()) return;
  scene.fill("old", 100);
  Sql(scene.file()).execute("VACUUM");
  const fs::path file = scene.cli / "disk/books.db";
  fs::copy(scene.file(), file);
  scene.cli.write("prismctl.toml", "[targets.books]\nurl = 'sqlite:disk/books.db'\n");
  const test::Ended ended =
      scene.cli({"restore", "latest", "--force", "--no-safety-copy", "--quiet"});
  CHECK(test::missing_in(ended.err, {"disk/books.db: database or disk is full", "full"}) == "");
  CHECK(Sql(file).text("PRAGMA integrity_check") == "ok");
  CHECK(Sql(file).text("SELECT count(*) || state FROM book") == "100old");
}

TEST_CASE("fault: sqlite target: --lock-wait is for others' transactions as well") {
  const Scene scene;
  REQUIRE(scene.cli({"backup"}).code == 0);
  const Sql other(scene.file());
  other.execute("BEGIN IMMEDIATE");
  test::Process restore(
      scene.cli.launch({"restore", "latest", "--force", "--no-safety-copy", "--lock-wait", "60"}));
  CHECK_FALSE(restore.ends_within(std::chrono::seconds(6)));  // 5 s are waited in any case
  other.execute("ROLLBACK");
  CHECK(restore.wait().code == 0);
}

TEST_CASE("fault: sqlite target: a link stays one, and the file behind it is restored") {
  test::Quiet quiet;
  const Scene scene;
  const fs::path link = scene.cli / "link.db";
  fs::create_symlink("data/books.db", link);
  MemoryArtifacts artifacts;
  open(link, quiet)->dump(artifacts);
  for (const bool damaged : {false, true}) {
    CAPTURE(damaged);
    if (damaged) {
      scene.cli.write("data/books.db", std::string(5000, 'x'));
      scene.cli.write("data/books.db-journal", "left");
    } else {
      scene.fill("new", 10);
    }
    open(link, quiet)->restore(artifacts);
    CHECK(fs::is_symlink(link));
    CHECK(scene.states() == "old");
    CHECK_FALSE(fs::exists(scene.file().string() + "-journal"));
  }
  fs::remove(scene.file());
  open(link, quiet)->restore(artifacts);
  CHECK(fs::is_symlink(link));
  CHECK(scene.states() == "old");
}

TEST_CASE("fault: sqlite target: other page sizes are restored under the eyes of those who read") {
  test::Quiet quiet;
  for (const char* const journal : {"wal", "delete"}) {
    for (const int size : {512, 65536}) {
      CAPTURE(std::string(journal));
      CAPTURE(size);
      const Scene scene(journal);
      MemoryArtifacts artifacts;
      open(scene.file(), quiet)->dump(artifacts);
      fs::remove(scene.file());
      scene.cli.write("data/books.db", "");
      Sql(scene.file())
          .execute("PRAGMA page_size = " + std::to_string(size) + "; PRAGMA journal_mode = " +
                   journal + "; CREATE TABLE other (x); CREATE TABLE book (state, text)");
      scene.fill("new", 10);
      struct stat before {
      }, after{};
      REQUIRE(::stat(scene.file().c_str(), &before) == 0);
      const Sql reader(scene.file());
      if (std::string(journal) == "delete")
        REQUIRE(reader.integer("SELECT count(*) FROM book") == 10);
      open(scene.file(), quiet)->restore(artifacts);
      REQUIRE(::stat(scene.file().c_str(), &after) == 0);
      CHECK(before.st_ino == after.st_ino);
      CHECK(reader.integer("SELECT count(*) FROM book") == 1000);
      CHECK(reader.text("PRAGMA integrity_check") == "ok");
      CHECK(scene.states() == "old");
    }
  }
}

TEST_CASE("fault: sqlite target: a damaged file that a process has open is not replaced") {
  const Scene scene;
  REQUIRE(scene.cli({"backup"}).code == 0);
  scene.cli.write("data/books.db", std::string(5000, 'x'));
  const test::Words restore{"restore", "latest", "--force", "--no-safety-copy"};
  {
    std::ifstream user(scene.file());
    const test::Ended ended = scene.cli(restore);
    CHECK(test::missing_in(ended.err, {"books.db: process " + std::to_string(::getpid()) +
                                       " has it open"}) == "");
    CHECK(test::content_of(scene.file()) == std::string(5000, 'x'));
  }
  CHECK(scene.cli(restore).code == 0);
  CHECK(scene.states() == "old");
}

TEST_CASE("fault: sqlite target: collations and functions of a program are no obstacle") {
  test::Quiet quiet;
  const test::Folder folder;
  const fs::path file = folder.write("own.db", "");
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
  sqlite3_create_collation(
      connection, "zz", SQLITE_UTF8, nullptr, [](void*, int, const void* a, int, const void* b) {
        return -std::strcmp(static_cast<const char*>(a), static_cast<const char*>(b));
      });
  sqlite3_create_function(
      connection, "own", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
      [](sqlite3_context* context, int, sqlite3_value** values) {
        sqlite3_result_value(context, values[0]);
      },
      nullptr, nullptr);
  const auto execute = [&](const char* sql) {
    REQUIRE(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  };
  execute("CREATE TABLE sorted (word TEXT COLLATE zz PRIMARY KEY) WITHOUT ROWID");
  execute("CREATE TABLE found (word TEXT COLLATE zz, CHECK (own(word) <> ''))");
  execute("CREATE INDEX by_word ON found (word); CREATE INDEX by_own ON found (own(word))");
  execute("INSERT INTO sorted VALUES ('a'), ('b'), ('c'); INSERT INTO found VALUES ('a'), ('b')");
  backup::Counts counts{{"found", 2}, {"sorted", 3}};
  const auto check = [&](const std::vector<std::string>& remarks) {
    MemoryArtifacts artifacts;
    const auto content = open(file, quiet)->dump(artifacts);
    CHECK(content.counts == counts);
    CHECK(content.remarks == remarks);
    CHECK(open(file, quiet)->present(prism::backup::Look::counted)->counts == counts);
    open(file, quiet)->restore(artifacts);
    CHECK(open(file, quiet)->check(artifacts).counts == counts);
  };
  check({});
  execute("CREATE TABLE made (word, twice AS (own(word)) NOT NULL)");
  execute("INSERT INTO made VALUES ('a')");
  counts["made"] = 1;
  check({"table made could not be checked: unknown function: own()"});
  sqlite3_close(connection);
}

TEST_CASE("fault: sqlite target: a missing file and one of another kind are told as such") {
  test::Quiet quiet;
  const test::Folder folder;
  MemoryArtifacts artifacts;
  const auto missing = test::thrown_by([&] { open(folder / "no.db", quiet)->dump(artifacts); });
  CHECK(missing.code == ErrorCode::input_missing);
  CHECK(missing.says("no.db: there is no such file"));
  CHECK(missing.hint == "check the url of the target");
  const fs::path other = folder.write("other.db", std::string(5000, 'x'));
  const auto damaged = test::thrown_by([&] { open(other, quiet)->dump(artifacts); });
  CHECK(damaged.code == ErrorCode::bad_data);
  CHECK(damaged.says("other.db: no sound SQLite database: "));
  CHECK(damaged.says("file is not a database"));
  CHECK(damaged.hint.find("--store") == std::string::npos);
}

TEST_CASE("fault: sqlite target: dump and restore end when they are told to") {
  test::Quiet quiet;
  const Scene scene;
  MemoryArtifacts artifacts;
  open(scene.file(), quiet)->dump(artifacts);
  scene.fill("new", 10);
  quiet.cancel().request(2);
  MemoryArtifacts none;
  const auto dump = test::thrown_by([&] { open(scene.file(), quiet)->dump(none); });
  CHECK(dump.code == ErrorCode::interrupted);
  const auto restore = test::thrown_by([&] { open(scene.file(), quiet)->restore(artifacts); });
  CHECK(restore.code == ErrorCode::interrupted);
  CHECK(scene.states() == "new");
}

}  // namespace prism
