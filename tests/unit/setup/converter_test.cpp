#include <csignal>

#include "unit/setup/scene.hpp"

namespace prism::setup {
namespace {

using namespace test;
using prism::test::thrown_by;
using Names = std::vector<std::string>;

const std::string kTitle = "Gellish table,,,,,\n";
const std::string kIds = "1,101,2,60,15,9\n";
const std::string kCaptions = "fact,name,left,type,right,from\n";
const std::string kStart = kTitle + kIds + kCaptions;

}  // namespace

TEST_CASE("setup: convert writes column IDs and normalised values") {
  Scene scene;
  scene.write("a.csv", kStart +
                           "500,\"pump, \"\"big\"\"\",\"910,036\",1146.0, 7 ,21-Mar-01\n\n"
                           ",,501,60,502,spring\n");
  const auto result = scene.convert({"a.csv"});
  CHECK(scene.content("csv/0.csv") == kIds +
                                          "500,\"pump, \"\"big\"\"\",910036,1146,7,2001-03-21\n"
                                          ",,501,60,502,spring\n");
  CHECK(result.facts == 2);
  CHECK(result.rejected == 0);
  CHECK(result.warnings == 1);
  CHECK(result.uids_taken == 0);
  CHECK(result.rejects_file.empty());
  REQUIRE(result.files.size() == 1);
  CHECK(result.files[0].name == "0.csv");
  CHECK(result.files[0].workbook == "a.csv");
  CHECK(result.files[0].facts == 2);
  CHECK(scene.log().find("a.csv: cell F6 (column 9): not a date") != std::string::npos);
}

TEST_CASE("setup: convert numbers its files in the order of the workbooks") {
  Scene scene;
  scene.write("b.csv", kIds + "501,,1,2,3,\n");
  scene.write("a.csv", kIds + "502,,1,2,3,\n");
  const auto result = scene.convert({"b.csv", "a.csv"});
  CHECK(scene.content("csv/0.csv") == kIds + "501,,1,2,3,\n");
  CHECK(scene.content("csv/1.csv") == kIds + "502,,1,2,3,\n");
  CHECK(result.files.at(1).workbook == "a.csv");
}

TEST_CASE("setup: convert gives permanent UIDs, the same ones every time") {
  Scene scene;
  scene.write("a.csv",
              kIds + "5,pump,7,1146,910,\n,pump,7,60,5,\n,pump,7,60,5,\n,,10500,60,20500,\n");
  const auto store = scene.open();
  const auto first = scene.convert({"a.csv"}, &store->uids());
  const std::string expected = kIds +
                               "20501,pump,10501,1146,910,\n20502,pump,10501,10502,20501,\n"
                               "20503,pump,10501,10502,20501,\n20504,,10500,10502,20500,\n";
  CHECK(scene.content("csv/0.csv") == expected);
  CHECK(first.uids_taken == 6);
  const auto again = scene.convert({"a.csv"}, &store->uids());
  CHECK(scene.content("csv/0.csv") == expected);
  CHECK(again.uids_taken == 0);
}

TEST_CASE("setup: UIDs of one workbook are not given for another, in any order") {
  Scene scene;
  scene.write("a.csv", kIds + "5,,7,1146,910,\n");
  scene.write("b.csv", kIds + "20000,,10000,1146,910,\n5,,7,1146,910,\n");
  const auto store = scene.open();
  scene.convert({"a.csv", "b.csv"}, &store->uids());
  CHECK(scene.content("csv/0.csv") == kIds + "20001,,10001,1146,910,\n");
  CHECK(scene.content("csv/1.csv") == kIds + "20000,,10000,1146,910,\n20002,,10002,1146,910,\n");
}

TEST_CASE("setup: rejected rows are listed beside the CSV files") {
  Scene scene;
  scene.write("a.csv", kStart + "500,,\"1,1\",1146,7,\n501,,1,2,3,\n502,,1,2,,\nx,,1,2,3,\n");
  const auto result = scene.convert({"a.csv"});
  CHECK(result.facts == 1);
  CHECK(result.rejected == 3);
  CHECK(result.rejects_file == scene / "csv/rejects.csv");
  CHECK(scene.content("csv/0.csv") == kIds + "501,,1,2,3,\n");
  CHECK(scene.content("csv/rejects.csv") ==
        "file,sheet,row,column,value,reason\n"
        "a.csv,,4,2,\"1,1\",not a UID (a whole number from 1 to 2^53)\n"
        "a.csv,,6,15,,blank UID\n"
        "a.csv,,7,1,x,not a UID (a whole number from 1 to 2^53)\n");
}

TEST_CASE("setup: rejected rows use up no UIDs") {
  Scene scene;
  scene.write("a.csv", kIds + ",,7,1146,,\n8,,9,1146,x,\n");
  const auto store = scene.open();
  CHECK(scene.convert({"a.csv"}, &store->uids()).uids_taken == 0);
  CHECK(scene.content("csv/0.csv") == kIds);
}

TEST_CASE("setup: under --strict a rejected row leaves nothing but the list of them") {
  Scene scene;
  scene.write("a.csv", kIds + "5,,7,2,3,\n501,,1,2,,\n");
  const auto store = scene.open();
  const auto thrown = thrown_by([&] { scene.convert({"a.csv"}, &store->uids(), true); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.message == "1 row was rejected, and --strict allows none");
  CHECK(thrown.hint.find((scene / "csv/rejects.csv").string()) != std::string::npos);
  CHECK(names_in(scene / "csv") == Names{".prismctl-files.json", "rejects.csv"});
  CHECK(store->uids().ranges(kLimits)[0].next == 10000);
}

TEST_CASE("setup: a workbook that can't be read leaves nothing of the others") {
  Scene scene;
  scene.write("a.csv", kIds + "501,,1,2,3,\n");
  scene.write("b.csv", "1,2,15\n1,2,3\n");
  const auto thrown = thrown_by([&] { scene.convert({"a.csv", "b.csv"}); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.says("b.csv: cell A1: column ID 60 (rel_type_uid) is missing"));
  CHECK_FALSE(fs::exists(scene / "csv"));
}

TEST_CASE("setup: two workbooks of one name would mix up their temporary UIDs") {
  Scene scene;
  scene.write("x/a.csv", kIds + "501,,1,2,3,\n");
  scene.write("y/a.csv", kIds + "501,,1,2,3,\n");
  const auto store = scene.open();
  const auto thrown = thrown_by([&] { scene.convert({"x/a.csv", "y/a.csv"}, &store->uids()); });
  CHECK(thrown.code == ErrorCode::usage);
  CHECK(thrown.message == "two inputs are named 'a.csv'");
  CHECK(scene.convert({"x/a.csv", "y/a.csv"}).files.size() == 2);
}

TEST_CASE("setup: a signal ends a conversion and leaves nothing") {
  Scene scene;
  std::string rows = kIds;
  for (int i = 0; i < 5000; ++i) rows += std::to_string(3000 + i) + ",,1,2,3,\n";
  scene.write("a.csv", rows);
  scene.cancel().request(SIGTERM);
  CHECK(thrown_by([&] { scene.convert({"a.csv"}); }).code == ErrorCode::terminated);
  CHECK_FALSE(fs::exists(scene / "csv"));
}

}  // namespace prism::setup
