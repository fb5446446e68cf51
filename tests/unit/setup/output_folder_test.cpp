#include "unit/setup/scene.hpp"

namespace prism::setup {
namespace {

using namespace test;
using prism::test::thrown_by;
using Names = std::vector<std::string>;

const std::string kIds = "1,2,15,60\n";

/// Two workbooks, one of them with a rejected row.
void write_workbooks(const Scene& scene) {
  scene.write("a.csv", kIds + "501,1,2,3\n");
  scene.write("b.csv", kIds + "502,1,2,3\n503,,2,3\n");
}

}  // namespace

TEST_CASE("setup: files that an earlier run made and this one does not are removed") {
  Scene scene;
  write_workbooks(scene);
  scene.convert({"a.csv", "b.csv"});
  CHECK(names_in(scene / "csv") == Names{".prismctl-files.json", "0.csv", "1.csv", "rejects.csv"});
  scene.convert({"a.csv"});
  CHECK(names_in(scene / "csv") == Names{".prismctl-files.json", "0.csv"});
}

TEST_CASE("setup: files that convert did not make are neither removed nor replaced") {
  Scene scene;
  write_workbooks(scene);
  scene.write("csv/notes.csv", "mine");
  scene.write("csv/7.csv", "mine");
  scene.convert({"a.csv", "b.csv"});
  CHECK(scene.content("csv/notes.csv") == "mine");
  CHECK(scene.content("csv/7.csv") == "mine");
}

TEST_CASE("setup: a file in the way that convert did not make is refused") {
  for (const char* name : {"0.csv", "1.csv", "rejects.csv"}) {
    CAPTURE(name);
    Scene scene;
    write_workbooks(scene);
    scene.write(std::string("csv/") + name, "mine");
    const auto thrown = thrown_by([&] { scene.convert({"a.csv", "b.csv"}); });
    CHECK(thrown.code == ErrorCode::refused);
    CHECK(thrown.message ==
          (scene / "csv" / name).string() + ": is there and was not made by prismctl convert");
    CHECK(names_in(scene / "csv") == Names{name});
    CHECK(scene.content(std::string("csv/") + name) == "mine");
  }
}

TEST_CASE("setup: a run that fails leaves the files of the run before") {
  Scene scene;
  write_workbooks(scene);
  scene.convert({"a.csv"});
  scene.write("bad.csv", "no table\n");
  CHECK(thrown_by([&] { scene.convert({"b.csv", "bad.csv"}); }).code == ErrorCode::bad_data);
  CHECK(scene.content("csv/0.csv") == kIds + "501,1,2,3\n");
  CHECK(names_in(scene / "csv") == Names{".prismctl-files.json", "0.csv"});
}

TEST_CASE("setup: a damaged list of files keeps convert from removing anything") {
  Scene scene;
  write_workbooks(scene);
  scene.write("csv/.prismctl-files.json", "{");
  scene.write("csv/1.csv", "old");
  const auto thrown = thrown_by([&] { scene.convert({"a.csv"}); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.says("not a list of converted files"));
  CHECK(names_in(scene / "csv") == Names{".prismctl-files.json", "1.csv"});
}

TEST_CASE("setup: an output folder that can't be made is told") {
  Scene scene;
  write_workbooks(scene);
  scene.write("csv", "a file");
  const auto thrown = thrown_by([&] { scene.convert({"a.csv"}); });
  CHECK(thrown.code == ErrorCode::refused);
  CHECK(thrown.says((scene / "csv").string()));
  CHECK(scene.content("csv") == "a file");
}

}  // namespace prism::setup
