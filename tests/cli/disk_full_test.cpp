#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/small_disk.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

/// A store with one fact and an input that is much larger than the space there is.
void prepare(const Cli& cli, const std::string& store) {
  cli.write("a.csv", table({"5001,6001,1146,7000"}));
  cli.write("many.csv", many_facts(30'000, true));
  REQUIRE(cli({"seed", "a.csv", "--store", store}).code == 0);
}

Ended run_limited(const Cli& cli, const Words& words, bool ignore_size_signal) {
  Launch launch = cli.launch(words);
  launch.file_size_limit = 1 << 20;
  launch.ignore_size_signal = ignore_size_signal;
  return run(launch);
}

/// Facts, entities and cache as before; UIDs that were taken may stay taken.
TextRows data_of(const fs::path& store) {
  const Sql sql(store);
  TextRows all = facts_of(store);
  for (const std::string table : {"entity", "cache_facts", "cache_lineage", "cache_subtypes"}) {
    const auto rows = sql.rows("SELECT * FROM " + table + " ORDER BY 1");
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace

TEST_CASE("cli: a file that may not grow further is an I/O error and changes nothing") {
  for (const bool ignore_size_signal : {true, false}) {
    for (const std::string command : {"import", "seed"}) {
      CAPTURE(command);
      CAPTURE(ignore_size_signal);
      const Cli cli;
      prepare(cli, "t.db");
      const TextRows before = data_of(cli / "t.db");
      Words words{command, "many.csv", "--store", "t.db"};
      if (command == "seed") words.push_back("--append");
      const Ended ended = run_limited(cli, words, ignore_size_signal);
      CHECK(ended.signal == 0);
      CHECK(ended.code == 74);
      CHECK(ended.err.starts_with("prismctl: "));
      CHECK(data_of(cli / "t.db") == before);
      CHECK(Sql(cli / "t.db").text("PRAGMA integrity_check") == "ok");
      CHECK(cli.left_behind().empty());
      CHECK(cli(words).code == 0);
      CHECK(facts_of(cli / "t.db").size() == 30'001);
    }
  }
}

TEST_CASE("cli: convert whose file may not grow further leaves nothing") {
  const Cli cli;
  cli.write("many.csv", many_facts(30'000, false));
  const Ended ended = run_limited(cli, {"convert", "many.csv", "-o", "out"}, true);
  CHECK(ended.code == 74);
  CHECK(missing_in(ended.err, {"0.csv: File too large"}) == "");
  CHECK_FALSE(fs::exists(cli / "out"));
}

TEST_CASE("cli: a full disk under the store is an I/O error and changes nothing") {
  const Cli cli;
  const SmallDisk disk(cli / "disk", "2m");
  if (!disk.mounted()) return;
  prepare(cli, "disk/t.db");
  const TextRows before = data_of(cli / "disk/t.db");
  for (const Words& words : {Words{"import", "many.csv", "--store", "disk/t.db"},
                             Words{"seed", "many.csv", "--append", "--store", "disk/t.db"}}) {
    const Ended ended = cli(words);
    CHECK(ended.code == 74);
    CHECK(missing_in(ended.err, {"disk/t.db", "full", "HINT: "}) == "");
    CHECK(data_of(cli / "disk/t.db") == before);
    CHECK(Sql(cli / "disk/t.db").text("PRAGMA integrity_check") == "ok");
  }
  CHECK(cli.left_behind().empty());
}

TEST_CASE("cli: a full disk under the CSV folder is an I/O error and changes nothing") {
  const Cli cli;
  const SmallDisk disk(cli / "disk", "2m");
  if (!disk.mounted()) return;
  prepare(cli, "t.db");
  const TextRows before = data_of(cli / "t.db");
  REQUIRE(cli({"convert", "a.csv", "-o", "disk/csv"}).code == 0);
  const std::string csv = content_of(cli / "disk/csv/0.csv");
  const Ended convert = cli({"convert", "many.csv", "-o", "disk/csv"});
  CHECK(convert.code == 74);
  CHECK(missing_in(convert.err, {"disk/csv", "No space left on device"}) == "");
  CHECK(content_of(cli / "disk/csv/0.csv") == csv);
  const Ended seed = cli({"seed", "many.csv", "--append", "--store", "t.db"},
                         {{"PRISM_CSV_OUTPUT_DIR", "disk/csv"}});
  CHECK(seed.code == 74);
  CHECK(data_of(cli / "t.db") == before);
  CHECK(content_of(cli / "disk/csv/0.csv") == csv);
  CHECK(cli.left_behind().empty());
}

}  // namespace prism::test
