#include <csignal>

#include "unit/setup/scene.hpp"

namespace prism::setup {
namespace {

using namespace test;
using prism::test::thrown_by;
using store::OnConflict;

const std::string kIds = "1,2,101,60,15,201\n";

std::string shown(const store::LoadSummary& summary) {
  return std::to_string(summary.inserted) + " " + std::to_string(summary.unchanged) + " " +
         std::to_string(summary.updated) + " " + std::to_string(summary.skipped);
}

std::uint64_t facts_in(Scene& scene) { return scene.open()->info().facts; }

/// `count` rows with fact UIDs from `first`.
std::string rows_from(Uid first, Uid count) {
  std::string rows;
  for (Uid i = first; i < first + count; ++i) {
    rows += std::to_string(i) + ",910,pump,1146,911,thing\n";
  }
  return rows;
}

}  // namespace

TEST_CASE("setup: import loads CSV files, and again changes nothing") {
  Scene scene;
  scene.write("a.csv", kIds + rows_from(500, 2));
  scene.write("b.csv", "60,15,2,1,62\n1146,912,910,502,N\n");
  const auto store = scene.open();
  const auto options = scene.import_of({"a.csv", "b.csv"});
  const auto first = import_csv(options, *store, scene.context());
  CHECK(shown(first.facts) == "3 0 0 0");
  CHECK(first.rejected == 0);
  CHECK(first.uids_taken == 0);
  CHECK(first.rejects_file.empty());
  CHECK(shown(import_csv(options, *store, scene.context()).facts) == "0 3 0 0");
  CHECK(store->info().facts == 3);
  CHECK(store->info().entities == 3);
  CHECK_FALSE(fs::exists(scene / "rejects.csv"));
}

TEST_CASE("setup: import gives UIDs to temporary and blank ones and remembers them") {
  Scene scene;
  scene.write("a.csv", kIds + "5,7,pump,1146,910,thing\n,7,,5138,5,\n,7,,5138,5,\n");
  const auto store = scene.open();
  const auto options = scene.import_of({"a.csv"});
  const auto first = import_csv(options, *store, scene.context());
  CHECK(shown(first.facts) == "3 0 0 0");
  CHECK(first.uids_taken == 4);
  const auto again = import_csv(options, *store, scene.context());
  CHECK(shown(again.facts) == "0 3 0 0");
  CHECK(again.uids_taken == 0);
  CHECK(store->uids().ranges(kLimits)[0].next == 10001);
  CHECK(store->uids().ranges(kLimits)[1].next == 20003);
}

TEST_CASE("setup: UIDs that are needed late in the input are given as if needed at once") {
  Scene scene;
  scene.write("a.csv",
              kIds + rows_from(25000, 4000) + ",7,valve,1146,10700,\n" + rows_from(29000, 10));
  scene.write("b.csv", kIds + "29500,910,pump,1146,911,thing\n");
  const auto store = scene.open();
  const auto options = scene.import_of({"a.csv", "b.csv"});
  const auto first = import_csv(options, *store, scene.context());
  CHECK(shown(first.facts) == "4012 0 0 0");
  CHECK(first.uids_taken == 2);
  CHECK(store->uids().ranges(kLimits)[0].next == 10702);
  CHECK(store->uids().ranges(kLimits)[1].next == 29502);
  CHECK(shown(import_csv(options, *store, scene.context()).facts) == "0 4012 0 0");
}

TEST_CASE("setup: import meets conflicts as it was told") {
  Scene scene;
  scene.write("a.csv", kIds + "500,910,pump,1146,911,thing\n");
  scene.write("b.csv", kIds + "501,910,pump,1146,911,thing\n500,910,valve,1146,911,thing\n");
  const auto store = scene.open();
  import_csv(scene.import_of({"a.csv"}), *store, scene.context());
  auto options = scene.import_of({"b.csv"});
  const auto thrown = thrown_by([&] { import_csv(options, *store, scene.context()); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says("fact 500 is stored with other values: lh_object_name is 'pump'"));
  CHECK(facts_in(scene) == 1);
  options.on_conflict = OnConflict::skip;
  CHECK(shown(import_csv(options, *store, scene.context()).facts) == "1 0 0 1");
  options.on_conflict = OnConflict::update;
  CHECK(shown(import_csv(options, *store, scene.context()).facts) == "0 1 1 0");
}

TEST_CASE("setup: rejected rows of CSV files are listed and the others loaded") {
  Scene scene;
  scene.write("a.csv",
              kIds + "500,,pump,1146,911,thing\n501,910,pump,\"1,1\",911,\n" + rows_from(502, 1));
  const auto store = scene.open();
  const auto result = import_csv(scene.import_of({"a.csv"}), *store, scene.context());
  CHECK(shown(result.facts) == "1 0 0 0");
  CHECK(result.rejected == 2);
  CHECK(result.rejects_file == scene / "rejects.csv");
  CHECK(scene.content("rejects.csv") ==
        "file,sheet,row,column,value,reason\na.csv,,2,2,,blank UID\n"
        "a.csv,,3,60,\"1,1\",not a UID (a whole number from 1 to 2^53)\n");
}

TEST_CASE("setup: rejected rows are counted once where UIDs make a second pass") {
  Scene scene;
  scene.write("a.csv", kIds + "500,,pump,1146,911,thing\n,910,pump,1146,911,thing\n");
  const auto store = scene.open();
  const auto result = import_csv(scene.import_of({"a.csv"}), *store, scene.context());
  CHECK(result.rejected == 1);
  CHECK(shown(result.facts) == "1 0 0 0");
}

TEST_CASE("setup: under --strict a rejected row means that nothing is loaded") {
  Scene scene;
  scene.write("a.csv", kIds + rows_from(3000, 3000) + "500,,pump,1146,911,thing\n");
  auto options = scene.import_of({"a.csv"});
  options.strict = true;
  const auto store = scene.open();
  const auto thrown = thrown_by([&] { import_csv(options, *store, scene.context()); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.message == "1 row was rejected, and --strict allows none");
  CHECK(facts_in(scene) == 0);
  CHECK(fs::exists(scene / "rejects.csv"));
}

TEST_CASE("setup: a dry run tells what would be done and leaves the store as it was") {
  Scene scene;
  scene.write("a.csv", kIds + "5,7,pump,1146,910,thing\n,7,,5138,5,\n");
  auto options = scene.import_of({"a.csv"});
  options.dry_run = true;
  const auto store = scene.open();
  const auto result = import_csv(options, *store, scene.context());
  CHECK(shown(result.facts) == "2 0 0 0");
  CHECK(result.uids_taken == 3);
  CHECK(facts_in(scene) == 0);
  CHECK(store->info().watermark == 0);
  CHECK(store->uids().ranges(kLimits)[0].next == 10000);
  CHECK(store->uids().ranges(kLimits)[1].next == 20000);
}

TEST_CASE("setup: files that are damaged anywhere load nothing") {
  struct Row {
    std::string content;
    const char* message;
  };
  const Row rows[] = {
      {kIds + rows_from(5000, 3000) + "1,2,3\n",
       "b.csv: row 3002 (line 3002): 3 fields, expected 6"},
      {kIds + "500,910,\xC3\xA9,1146,911,x\n501,910,\xFF,1146,911,x\n",
       "b.csv: row 3 (line 3): field 3 is not valid UTF-8"},
      {"1,2,60\n1,2,3\n", "b.csv: cell A1: column ID 15 (rh_object_uid) is missing in row 1"},
      {"", "b.csv: cell A2: no column IDs in row 2"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    Scene scene;
    scene.write("a.csv", kIds + rows_from(500, 3));
    scene.write("b.csv", row.content);
    const auto store = scene.open();
    const auto thrown = thrown_by([&] {
      import_csv(scene.import_of({"a.csv", "b.csv"}), *store, scene.context());
    });
    CHECK(thrown.code == ErrorCode::bad_data);
    CHECK(thrown.says(row.message));
    CHECK(facts_in(scene) == 0);
  }
}

TEST_CASE("setup: two files of one workbook name are refused where UIDs are needed") {
  Scene scene;
  scene.write("x/a.csv", kIds + "5,7,pump,1146,910,thing\n");
  auto options = scene.import_of({"x/a.csv", "x/a.csv"});
  const auto store = scene.open();
  const auto thrown = thrown_by([&] { import_csv(options, *store, scene.context()); });
  CHECK(thrown.code == ErrorCode::usage);
  CHECK(facts_in(scene) == 0);
}

TEST_CASE("setup: a signal ends an import and leaves the store as it was") {
  Scene scene;
  scene.write("a.csv", kIds + rows_from(5000, 5000));
  const auto store = scene.open();
  scene.cancel().request(SIGINT);
  CHECK(thrown_by([&] { import_csv(scene.import_of({"a.csv"}), *store, scene.context()); }).code ==
        ErrorCode::interrupted);
  prism::test::Quiet quiet;
  const auto other = drivers::open_store(
      {.url = (scene / "prism.db").string(), .access = Access::read}, quiet.log(), quiet.cancel());
  CHECK(other->info().facts == 0);
}

}  // namespace prism::setup
