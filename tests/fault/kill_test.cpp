#include <csignal>
#include <random>

#include <doctest/doctest.h>

#include "cli/cli.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;

constexpr int kMoments = 10;
constexpr std::size_t kFacts = 30'000;

const std::vector<std::string> kTables{"fact",          "entity",         "uid_range",
                                       "uid_temporary", "uid_blank",      "cache_facts",
                                       "cache_lineage", "cache_subtypes", "cache_count"};

/// The tables that don't say the same in two stores.
std::string difference(const fs::path& store, const fs::path& other,
                       const std::vector<std::string>& tables = kTables) {
  const Sql sql(store);
  sql.execute("ATTACH '" + other.string() + "' AS other");
  std::string differ;
  for (const std::string& table : tables) {
    const bool here =
        sql.integer("SELECT count(*) FROM main.sqlite_schema WHERE name = '" + table + "'") > 0;
    const bool there =
        sql.integer("SELECT count(*) FROM other.sqlite_schema WHERE name = '" + table + "'") > 0;
    if (!here && !there) continue;
    const std::string a = "SELECT * FROM main." + table, b = "SELECT * FROM other." + table;
    if (here != there || sql.integer("SELECT count(*) FROM (" + a + " EXCEPT " + b + ")") > 0 ||
        sql.integer("SELECT count(*) FROM (" + b + " EXCEPT " + a + ")") > 0) {
      differ += table + " ";
    }
  }
  return differ;
}

/// A command, what it starts from, and what it leads to when nothing comes between.
struct Scene {
  Scene(Words of, bool with_store) : words(std::move(of)), facts_before(with_store ? 2 : 0) {
    cli.write("base.csv", table({"5001,6001,1146,7000", "5002,6002,1146,6001"}));
    cli.write("many.csv", many_facts(kFacts, true));
    REQUIRE(cli({"seed", "base.csv", "--store", "before.db"}).code == 0);
    start_over();
    const auto begin = Clock::now();
    REQUIRE(cli(words).code == 0);
    undisturbed = std::chrono::duration_cast<microseconds>(Clock::now() - begin);
    fs::copy(cli / "t.db", cli / "complete.db");
    REQUIRE(Sql(cli / "complete.db").integer("SELECT count(*) FROM fact") == kFacts + facts_before);
  }

  void start_over() const {
    for (const std::string suffix : {"", "-wal", "-shm", ".lock"})
      fs::remove(cli / ("t.db" + suffix));
    fs::remove_all(cli / "tmp");
    fs::create_directory(cli / "tmp");
    if (facts_before > 0) fs::copy(cli / "before.db", cli / "t.db");
  }

  /// Starts the command and sends it a signal after this share of its time, or earlier if it is
  /// over by then.
  Ended disturbed(int signal, double share) const {
    for (;; share *= 0.8) {
      start_over();
      Process process(cli.launch(words));
      const auto moment =
          microseconds(static_cast<std::int64_t>(share * static_cast<double>(undisturbed.count())));
      const bool over =
          process.ends_within(std::chrono::duration_cast<Process::Milliseconds>(moment));
      if (!over) process.send(signal);
      Ended ended = process.wait();
      if (ended.code != 0) return ended;
    }
  }

  void check_before_or_complete() const {
    if (facts_before == 0 && !fs::exists(cli / "t.db")) return;
    const Sql sql(cli / "t.db");
    CHECK(sql.text("PRAGMA integrity_check") == "ok");
    const bool made = sql.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'fact'") > 0;
    const auto facts = made ? sql.integer("SELECT count(*) FROM fact") : 0;
    if (facts_before == 0 && facts == 0) return;
    const bool complete = facts > 2;
    CHECK(difference(cli / "t.db", cli / (complete ? "complete.db" : "before.db"),
                     {"fact", "entity"}) == "");
  }

  void check_rerun() const {
    const Ended again = cli(words);
    CAPTURE(again.err);
    CHECK(again.code == 0);
    CHECK(difference(cli / "t.db", cli / "complete.db") == "");
    CHECK(cli({"status", "--store", "t.db"}).code == (words[0] == "seed" ? 0 : 1));
  }

  Cli cli;
  Words words;
  std::size_t facts_before;
  microseconds undisturbed{};
};

/// Moments all over a run: one in each tenth of it, always the same.
std::vector<double> moments() {
  std::mt19937 random(20261121);
  std::vector<double> shares;
  for (int i = 0; i < kMoments; ++i) {
    const double within = static_cast<double>(random() % 1000) / 1000.0;
    shares.push_back((i + within) / kMoments);
  }
  return shares;
}

void check_kills(const Words& words, bool with_store = true) {
  const Scene scene(words, with_store);
  for (const double share : moments()) {
    CAPTURE(share);
    const Ended killed = scene.disturbed(SIGKILL, share);
    CHECK(killed.signal == SIGKILL);
    scene.check_before_or_complete();
    scene.check_rerun();
  }
}

void check_signal(const Words& words, int signal, int code, const std::string& text) {
  const Scene scene(words, true);
  for (const double share : {0.1, 0.3, 0.45, 0.6, 0.75, 0.9}) {
    CAPTURE(share);
    // A program that has not yet set up its handlers dies of the signal: nothing was begun then.
    const Ended ended = scene.disturbed(signal, share);
    CAPTURE(ended.err);
    if (ended.signal == 0) {
      CHECK(ended.code == code);
      CHECK(missing_in(ended.err, {"prismctl: " + text}) == "");
    }
    scene.check_before_or_complete();
    CHECK(joined(scene.cli.left_behind()) == "");
    scene.check_rerun();
  }
}

const Words kSeed{"seed", "many.csv", "--append", "--store", "t.db"};
const Words kImport{"import", "many.csv", "--store", "t.db"};

}  // namespace

TEST_CASE("fault: kill -9 of a seed at ten moments leaves the store as before or complete") {
  check_kills(kSeed);
}

TEST_CASE("fault: kill -9 of an import at ten moments leaves the store as before or complete") {
  check_kills(kImport);
}

TEST_CASE("fault: kill -9 of the first seed of all at ten moments leaves nothing or all") {
  check_kills(kSeed, false);
}

TEST_CASE("fault: kill -9 of the first import of all at ten moments leaves nothing or all") {
  check_kills(kImport, false);
}

TEST_CASE("fault: SIGINT in the midst of a seed rolls back and cleans up") {
  check_signal(kSeed, SIGINT, 130, "interrupted");
}

TEST_CASE("fault: SIGTERM in the midst of a seed rolls back and cleans up") {
  check_signal(kSeed, SIGTERM, 143, "terminated");
}

TEST_CASE("fault: SIGTERM in the midst of an import rolls back and cleans up") {
  check_signal(kImport, SIGTERM, 143, "terminated");
}

TEST_CASE("fault: SIGTERM in the midst of a convert leaves the folder as it was") {
  const Cli cli;
  cli.write("many.csv", many_facts(10 * kFacts, false));
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  REQUIRE(cli({"convert", "a.csv", "-o", "out"}).code == 0);
  Process process(cli.launch({"convert", "many.csv", "-o", "out"}));
  // It is under way once its temporary folder is there.
  const auto until = Clock::now() + std::chrono::seconds(60);
  while (cli.left_behind().empty() && Clock::now() < until) {
  }
  process.send(SIGTERM);
  CHECK(process.wait().code == 143);
  CHECK(cli.left_behind().empty());
  CHECK(content_of(cli / "out/0.csv") == content_of(cli / "a.csv"));
}

}  // namespace prism::test
