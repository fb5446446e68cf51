#include <fstream>

#include "unit/setup/scene.hpp"

namespace prism::setup {
namespace {

using namespace test;
using prism::test::thrown_by;
using Names = std::vector<std::string>;

const std::string kIds = "1,101,2,60,15,9,62\n";

/// Notes what it is told.
class NotedFiles : public store::FactFiles {
 public:
  std::vector<std::string> names() const override { return {"facts.txt", "next.txt"}; }
  void open(const fs::path& folder, const std::vector<gellish::ColumnId>& columns) override {
    folder_ = folder;
    unknown = columns;
  }
  void add(const gellish::FactBatch& batch) override {
    const auto& properties = batch.layout().properties;
    const auto fact = std::find(properties.begin(), properties.end(), gellish::Property::fact_uid);
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      facts.push_back(batch.at(row, static_cast<std::size_t>(fact - properties.begin())).number);
    }
  }
  std::vector<store::FactFile> finish() override {
    for (const std::string& name : names()) std::ofstream(folder_ / name) << facts.size();
    return {{"facts.txt", facts.size()}, {"next.txt", 0}};
  }
  std::string next_step(const fs::path&) const override { return {}; }

  std::vector<gellish::ColumnId> unknown;
  std::vector<Uid> facts;

 private:
  fs::path folder_;
};

/// Converts workbooks of a scene to NotedFiles.
class Conversion {
 public:
  ConvertResult operator()(const Names& names, bool assign = false) {
    ConvertOptions options;
    for (const std::string& name : names) options.workbooks.push_back(scene / name);
    options.output = scene / "out";
    options.files = &files;
    options.limits = kLimits;
    const auto store = scene.open();
    return setup::convert(options, assign ? &store->uids() : nullptr, scene.context());
  }

  Scene scene;
  NotedFiles files;
};

}  // namespace

TEST_CASE("setup: facts go to other files, and no CSV is left of them") {
  Conversion convert;
  convert.scene.write("a.csv", kIds + "500,pump,501,1146,502,,x\n503,,501,1146,,,\n");
  convert.scene.write("b.csv", "1,2,60,15,900,900000\n504,501,1146,502,,\n");
  const auto result = convert({"a.csv", "b.csv"});
  CHECK(convert.files.facts == std::vector<Uid>{500, 504});
  CHECK(convert.files.unknown == std::vector<gellish::ColumnId>{62, 900, 900000});
  CHECK(result.facts == 2);
  CHECK(result.rejected == 1);
  REQUIRE(result.fact_files.size() == 2);
  CHECK(result.fact_files[0].rows == 2);
  CHECK(names_in(convert.scene / "out") ==
        Names{".prismctl-files.json", "facts.txt", "next.txt", "rejects.csv"});
}

TEST_CASE("setup: facts for other files need permanent UIDs") {
  for (const std::string row :
       {"5,,501,1146,502,,\n", "500,,7,1146,502,,\n", ",,501,1146,502,,\n"}) {
    CAPTURE(row);
    Conversion convert;
    convert.scene.write("a.csv", kIds + row);
    const auto thrown = thrown_by([&] { convert({"a.csv"}); });
    CHECK(thrown.code == ErrorCode::bad_data);
    CHECK(thrown.says("'a.csv' has temporary or blank UIDs"));
    CHECK(thrown.hint.find("--uids assign") != std::string::npos);
    CHECK_FALSE(fs::exists(convert.scene / "out"));
    CHECK(convert({"a.csv"}, true).facts == 1);
    CHECK(convert.files.facts.front() >= 500);
  }
}

TEST_CASE("setup: a fact that comes again as it was goes to other files once") {
  Conversion convert;
  convert.scene.write("a.csv", kIds +
                                   "500,pump,501,1146,502,2001-03-21,x\n"
                                   "504,,501,1146,502,,\n500,pump,501,1146,502,21-Mar-01,x\n");
  convert.scene.write("b.csv", "2,1,60,15\n501,500,1146,502\n501,505,1146,502\n");
  const auto result = convert({"a.csv", "b.csv"});
  CHECK(convert.files.facts == std::vector<Uid>{500, 504, 505});
  CHECK(result.facts == 3);
  CHECK(result.unchanged == 2);
}

TEST_CASE("setup: a fact that comes again and says something else is refused") {
  Conversion convert;
  const auto says = [&](const std::string& first, const std::string& second) {
    convert.scene.write("a.csv", first);
    convert.scene.write("b.csv", second);
    const auto thrown = thrown_by([&] { convert({"a.csv", "b.csv"}); });
    CHECK(thrown.code == ErrorCode::refused);
    CHECK_FALSE(fs::exists(convert.scene / "out"));
    return thrown.message;
  };
  const std::string pump = kIds + "500,pump,501,1146,502,2001-03-21,x\n";
  CHECK(says(pump, kIds + "500,valve,501,1146,502,2001-03-21,x\n") ==
        "fact 500 comes twice with other values: lh_object_name is 'pump', then 'valve'");
  CHECK(says(pump, "1,2,60,15\n500,501,1726,502\n") ==
        "fact 500 comes twice with other values: rel_type_uid is 1146, then 1726");
  CHECK(says(pump, "1,2,60,15,9\n500,501,1146,502,\n") ==
        "fact 500 comes twice with other values: effective_from is '2001-03-21', then blank");
  CHECK(says(pump, "1,2,60,15,4\n500,501,1146,502,new\n") ==
        "fact 500 comes twice with other values: full_definition is blank, then 'new'");
  CHECK(says(pump, "1,2,60,15,62\n500,501,1146,502,y\n") ==
        "fact 500 comes twice with other values: extra is '{\"62\":\"x\"}', then '{\"62\":\"y\"}'");
}

TEST_CASE("setup: other files are not written over those that convert did not make") {
  Conversion convert;
  convert.scene.write("a.csv", kIds + "500,,501,1146,502,,\n");
  convert.scene.write("out/next.txt", "mine");
  CHECK(thrown_by([&] { convert({"a.csv"}); }).code == ErrorCode::refused);
  CHECK(convert.scene.content("out/next.txt") == "mine");
  convert.scene.write("out/0.csv", "mine too");
  fs::remove(convert.scene / "out/next.txt");
  CHECK(convert({"a.csv"}).facts == 1);
  CHECK(convert.scene.content("out/0.csv") == "mine too");
}

}  // namespace prism::setup
