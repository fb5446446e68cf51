#include <prism/setup/migration_files.hpp>

#include "support/quiet.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::setup {
namespace {

using test::thrown_by;

struct Files {
  explicit Files(const std::vector<std::pair<std::string, std::string>>& files) {
    for (const auto& [name, content] : files) folder.write("m/" + name, content);
  }

  std::vector<store::Migration> read() { return read_migration_files(folder / "m", quiet.log()); }
  test::Thrown refusal() {
    return thrown_by([this] { read(); });
  }

  test::Folder folder;
  test::Quiet quiet;
};

}  // namespace

TEST_CASE("setup: migrations are read in the order of their numbers, with what leads back") {
  Files files({{"10_ten.sql", "ten"},
               {"002-two.up.sql", "two"},
               {"002-two.down.sql", "not two"},
               {"001_one.sql", "\xEF\xBB\xBFone;\r\n"},
               {"20260101120000_late.sql", "late"},
               {"README.md", "BEGIN"},
               {".hidden.sql", "BEGIN"},
               {"old/001_x.sql", "BEGIN"}});
  const auto migrations = files.read();
  REQUIRE(migrations.size() == 4);
  CHECK(migrations[0].version == 1);
  CHECK(migrations[0].name == "001_one.sql");
  CHECK(migrations[0].up == "one;\r\n");
  CHECK(migrations[0].down.empty());
  CHECK(migrations[1].name == "002-two.up.sql");
  CHECK(migrations[1].up == "two");
  CHECK(migrations[1].down == "not two");
  CHECK(migrations[2].version == 10);
  CHECK(migrations[3].version == 20260101120000);
}

TEST_CASE("setup: files that are no migrations are passed over, and the log says so") {
  const Files files({{"README.md", "x"}, {"1_a.sql", "a"}});
  {
    test::Quiet quiet(files.folder / "log");
    read_migration_files(files.folder / "m", quiet.log());
  }
  CHECK(test::content_of(files.folder / "log").find("README.md: passed over") != std::string::npos);
}

TEST_CASE("setup: what leads back may stand beside a plain file too") {
  Files files({{"1_a.sql", "a"}, {"1_a.down.sql", "-- nothing to do"}});
  CHECK(files.read().at(0).down == "-- nothing to do");
}

TEST_CASE("setup: migrations that are not what they should be are refused by name") {
  struct Row {
    std::vector<std::pair<std::string, std::string>> files;
    const char* says;
  };
  const Row rows[] = {
      {{{"1_a.sql", "a"}, {"001_b.sql", "b"}}, "1_a.sql: has number 1 as 001_b.sql has"},
      {{{"1_a.sql", "a"}, {"1_a.up.sql", "b"}}, "1_a.up.sql: has number 1 as 1_a.sql has"},
      {{{"1_a.sql", "a"}, {"1_b.down.sql", "b"}}, "1_b.down.sql: has number 1 as 1_a.sql has"},
      {{{"1_a.down.sql", "a"}}, "1_a.down.sql: nothing leads up to what it takes back"},
      {{{"initial.sql", "a"}}, "initial.sql: no number and name, such as 001_initial.sql"},
      {{{"001.sql", "a"}}, "001.sql: no number and name"},
      {{{"99999999999999999999_a.sql", "a"}}, "no number and name"},
      {{{"000_a.sql", "a"}}, "000_a.sql: numbers begin at 1"},
      {{{"1_a.sql", " \n"}}, "1_a.sql: nothing in it"},
      {{{"1_a.sql", "a\n\xFF"}}, "1_a.sql: line 2: not UTF-8 text"},
      {{{"1_a.sql", std::string("a\0b", 3)}}, "1_a.sql: line 1: not UTF-8 text"},
      {{{"1_a.sql", "a;\nCOMMIT;"}}, "1_a.sql: line 2: COMMIT in a migration"},
      {{{"1_a.sql", "a"}, {"1_a.down.sql", "VACUUM"}}, "1_a.down.sql: line 1: VACUUM can't be run"},
      {{{"1_a.sql", std::string((16 << 20) + 1, ' ')}}, "larger than 16,777,216 bytes"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.says);
    const auto thrown = Files(row.files).refusal();
    CHECK(thrown.code == ErrorCode::bad_data);
    CHECK(thrown.says(row.says));
  }
}

TEST_CASE("setup: a folder without migrations is told") {
  const test::Folder folder;
  test::Quiet quiet;
  CHECK(thrown_by([&] { read_migration_files(folder / "m", quiet.log()); }).code ==
        ErrorCode::input_missing);
  const auto none =
      Files(std::vector<std::pair<std::string, std::string>>{{"README", "x"}}).refusal();
  CHECK(none.code == ErrorCode::input_missing);
  CHECK(none.says("no .sql file in this folder"));
}

}  // namespace prism::setup
