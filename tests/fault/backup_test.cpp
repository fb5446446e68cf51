#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/kill.hpp"
#include "support/wait.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A database and some files, of which there are an old and a new state, and a backup of the old.
struct Scene {
  Scene() {
    fs::create_directory(cli / "files");
    cli.write("prismctl.toml",
              "[targets.books]\nurl = 'sqlite:books.db'\n[targets.files]\npaths = ['files']\n");
    fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
    cli.write("books.db", "");
    Sql(cli / "books.db").execute("PRAGMA journal_mode = WAL; CREATE TABLE book (state, text)");
    set("old");
    REQUIRE(cli({"backup"}).code == 0);
    backup = ids().back();
  }

  /// Every row and every file says so.
  void set(const std::string& state) const {
    Sql(cli / "books.db")
        .execute(
            "BEGIN; DELETE FROM book; WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT "
            "i + 1 FROM n WHERE i < 20000) INSERT INTO book SELECT '" +
            state + "', hex(randomblob(100)) FROM n; COMMIT");
    for (int i = 0; i < 20; ++i) {
      std::string text;
      for (int line = 0; line < 20'000; ++line) text += state + "\n";
      cli.write("files/" + std::to_string(i), text);
    }
  }

  std::string state_of_books() const {
    const Sql sql(cli / "books.db");
    if (sql.text("PRAGMA integrity_check") != "ok") return "damaged";
    if (sql.integer("SELECT count(*) FROM book") != 20'000) return "rows are missing";
    if (sql.integer("SELECT count(DISTINCT state) FROM book") != 1) return "mixed";
    return sql.text("SELECT state FROM book LIMIT 1");
  }

  std::string state_of_file(int i) const {
    const std::string text = content_of(cli / ("files/" + std::to_string(i)));
    return text.size() == 80'000 ? text.substr(0, 3) : "half";
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    const Json list = cli.json({"backup", "list"});
    for (const Json& one : list.at("backups")) {
      if (one.at("state") == "complete") ids.push_back(one.at("id"));
    }
    return ids;
  }

  void check_all_that_are_called_complete() const {
    for (const std::string& id : ids()) {
      CAPTURE(id);
      CHECK(cli({"backup", "verify", id}).code == 0);
    }
  }

  void kill(const Words& words, const std::function<void()>& check) const {
    kill_at_moments([&] { return cli.launch(words); }, check);
  }

  Cli cli;
  std::string backup;
};

}  // namespace

TEST_CASE("fault: a backup that is killed at any moment is none, or a good one") {
  const Scene scene;
  scene.kill({"backup"}, [&] { CHECK_FALSE(scene.ids().empty()); });
  scene.check_all_that_are_called_complete();
}

TEST_CASE("fault: a prune that is killed in the midst of its removals leaves good ones") {
  const Scene scene;
  constexpr std::size_t kBackups = 12;
  constexpr int kMoments = 20;
  while (scene.ids().size() < kBackups) {
    REQUIRE(scene.cli({"backup", "--target", "files"}).code == 0);
  }
  const auto all = scene.ids();
  const fs::path repository = scene.cli / "backups", spare = scene.cli / "spare";
  fs::copy(repository, spare, fs::copy_options::recursive);
  int in_the_midst = 0;
  for (int moment = 0; moment < kMoments; ++moment) {
    CAPTURE(moment);
    fs::remove_all(repository);
    fs::copy(spare, repository, fs::copy_options::recursive);
    Process prune(scene.cli.launch({"backup", "prune", "--keep-last", "1"}));
    // The first is the newest good one of the books, which stays.
    const fs::path goes = repository / all[1 + moment % 10] / "manifest.json";
    while (fs::exists(goes) && !prune.ends_within(std::chrono::milliseconds(0))) continue;
    prune.send(SIGKILL);
    prune.wait();
    const auto left = scene.ids();
    REQUIRE(left.size() >= 2);
    if (left.size() > 2 && left.size() < kBackups) ++in_the_midst;
    CHECK(left.front() == all.front());
    CHECK(left.back() == all.back());
    CHECK(scene.cli({"backup", "verify", "--all"}).code == 0);
  }
  CHECK(in_the_midst > 0);
  CHECK(scene.cli({"backup", "prune", "--keep-last", "1"}).code == 0);
  CHECK(scene.ids() == std::vector<std::string>{all.front(), all.back()});
}

TEST_CASE("fault: a restore that is killed at any moment leaves the old or the new state") {
  const Scene scene;
  scene.set("new");
  const Words restore{"restore", scene.backup, "--force", "--no-safety-copy"};
  scene.kill(restore, [&] {
    const std::string books = scene.state_of_books();
    CHECK_MESSAGE((books == "old" || books == "new"), books);
    for (int i = 0; i < 20; ++i) {
      const std::string file = scene.state_of_file(i);
      CHECK_MESSAGE((file == "old" || file == "new"), file);
    }
    scene.set("new");
  });
  CHECK(scene.state_of_books() == "old");
  CHECK(scene.state_of_file(7) == "old");
}

TEST_CASE("fault: a connection that is lost ends a backup in order: what was stopped is started") {
  const Cli cli;
  cli.write("books.db", "");
  Sql(cli / "books.db").execute("CREATE TABLE book (text)");
  cli.write("prismctl.toml",
            "[targets.books]\nurl = 'sqlite:books.db'\nbefore = 'touch begun; sleep 600'\n"
            "after = 'touch after'\n");
  fs::permissions(cli / "prismctl.toml", fs::perms::owner_read | fs::perms::owner_write);
  Process backup(cli.launch({"backup"}));
  REQUIRE(comes_true([&] { return fs::exists(cli / "begun"); }));
  backup.send(SIGHUP);
  CHECK(backup.wait().code == 143);
  CHECK(fs::exists(cli / "after"));
}

}  // namespace prism::test
