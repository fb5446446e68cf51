#include <prism/setup/inputs.hpp>

#include "unit/setup/scene.hpp"

namespace prism::setup {
namespace {

using namespace test;
using prism::test::Folder;
using prism::test::thrown_by;
using Names = std::vector<std::string>;

Names workbooks(const std::vector<fs::path>& paths) {
  Names names;
  for (const auto& path : find_workbooks(paths)) names.push_back(path.filename().string());
  return names;
}

/// `file<workbook`
Names csv_files(const std::vector<fs::path>& paths) {
  Names names;
  for (const auto& input : find_csv_files(paths)) {
    names.push_back(input.file.filename().string() + "<" + input.workbook);
  }
  return names;
}

}  // namespace

TEST_CASE("setup: a folder gives its workbooks by name, and nothing below it") {
  const Folder folder;
  for (const char* name : {"b.xls", "a.XLSX", "c.xlsm", "d.csv", "e.txt", ".hidden.xls", "~$b.xls",
                           "xls", "sub/f.xls"}) {
    folder.write(name, "");
  }
  fs::create_directories(folder / "g.xls");
  CHECK(workbooks({folder.path()}) == Names{"a.XLSX", "b.xls", "c.xlsm"});
}

TEST_CASE("setup: workbooks that are named stand in the order of the arguments") {
  const Folder folder;
  folder.write("sub/a.xls", "");
  const auto b = folder.write("b.txt", "");
  CHECK(workbooks({b, folder / "sub", b}) == Names{"b.txt", "a.xls", "b.txt"});
  CHECK(workbooks({}).empty());
}

TEST_CASE("setup: inputs that are not there are named") {
  const Folder folder;
  for (const bool csv : {false, true}) {
    const std::vector<fs::path> missing{folder / "missing"}, empty{folder.path()};
    const auto find = [csv](const std::vector<fs::path>& paths) {
      csv ? (void)find_csv_files(paths) : (void)find_workbooks(paths);
    };
    const auto thrown = thrown_by([&] { find(missing); });
    CHECK(thrown.code == ErrorCode::input_missing);
    CHECK(thrown.message == (folder / "missing").string() + ": no such file or folder");
    const auto none = thrown_by([&] { find(empty); });
    CHECK(none.code == ErrorCode::input_missing);
    CHECK(none.says(folder.path().string() + ": no ."));
  }
}

TEST_CASE("setup: CSV files of a folder, all of them where convert made none") {
  const Folder folder;
  for (const char* name : {"b.csv", "a.CSV", "c.xls", ".d.csv"}) folder.write(name, "");
  CHECK(csv_files({folder.path()}) == Names{"a.CSV<a.CSV", "b.csv<b.csv"});
  CHECK(csv_files({folder / "b.csv"}) == Names{"b.csv<b.csv"});
}

TEST_CASE("setup: CSV files that convert made keep their order and their workbooks") {
  const Folder folder;
  folder.write(".prismctl-files.json",
               R"({"schema":1,"files":[{"name":"10.csv","workbook":"k.xls"},)"
               R"({"name":"9.csv","workbook":"j.xls"},{"name":"rejects.csv","workbook":""},)"
               R"({"name":"../out.csv","workbook":"evil.xls"}]})");
  for (const char* name : {"9.csv", "10.csv", "rejects.csv", "other.csv"}) folder.write(name, "");
  CHECK(csv_files({folder.path()}) == Names{"9.csv<j.xls", "10.csv<k.xls"});
  CHECK(csv_files({folder / "10.csv", folder / "other.csv"}) ==
        Names{"10.csv<k.xls", "other.csv<other.csv"});
}

TEST_CASE("setup: a damaged list of converted files is told") {
  for (const char* list : {"", "[]", "{}", R"({"files":[{"name":1}]})", R"({"files":[{}]})"}) {
    CAPTURE(list);
    const Folder folder;
    folder.write(".prismctl-files.json", list);
    const auto thrown = thrown_by([&] { csv_files({folder.path()}); });
    CHECK(thrown.code == ErrorCode::bad_data);
    CHECK(thrown.says("not a list of converted files"));
  }
}

}  // namespace prism::setup
