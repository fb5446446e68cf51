#include <prism/setup/issues.hpp>

#include "unit/setup/scene.hpp"

namespace prism::setup {
namespace {

using namespace test;
using prism::test::content_of;
using prism::test::Folder;

gellish::Issue issue_of(std::uint32_t row, const std::string& value = "1,1") {
  return {{"a.xls", "Facts"}, row, 1, 2, value, "not a UID"};
}

std::size_t lines_with(const std::string& text, const std::string& words) {
  std::size_t count = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("setup: rejected rows are listed with place, value and reason") {
  const Folder folder;
  prism::test::Quiet quiet(folder / "log");
  IssueCollector issues(quiet.log(), folder / "rejects.csv");
  issues.reject(issue_of(4));
  issues.reject(issue_of(5, "say \"hi\",\nthen"));
  CHECK_FALSE(fs::exists(folder / "rejects.csv"));
  issues.finish();
  CHECK(issues.rejected() == 2);
  CHECK(issues.warnings() == 0);
  CHECK(issues.rejects_file() == folder / "rejects.csv");
  CHECK(content_of(folder / "rejects.csv") ==
        "file,sheet,row,column,value,reason\n"
        "a.xls,Facts,4,2,\"1,1\",not a UID\n"
        "a.xls,Facts,5,2,\"say \"\"hi\"\",\nthen\",not a UID\n");
  CHECK(content_of(folder / "log")
            .find("warning: row rejected: a.xls: sheet 'Facts', cell B4 (column 2): not a UID: "
                  "'1,1'") != std::string::npos);
}

TEST_CASE("setup: without a rejected row there is no file of them") {
  const Folder folder;
  prism::test::Quiet quiet;
  IssueCollector issues(quiet.log(), folder / "rejects.csv");
  issues.warning(issue_of(4));
  issues.finish();
  CHECK(issues.warnings() == 1);
  CHECK(names_in(folder.path()).empty());
}

TEST_CASE("setup: a run that ends early leaves no half list and keeps the one before") {
  const Folder folder;
  folder.write("rejects.csv", "of an earlier run");
  {
    prism::test::Quiet quiet;
    IssueCollector issues(quiet.log(), folder / "rejects.csv");
    issues.reject(issue_of(4));
  }
  CHECK(names_in(folder.path()) == std::vector<std::string>{"rejects.csv"});
  CHECK(content_of(folder / "rejects.csv") == "of an earlier run");
}

TEST_CASE("setup: the log shows twenty issues of a kind and counts the rest") {
  const Folder folder;
  prism::test::Quiet quiet(folder / "log");
  IssueCollector issues(quiet.log(), folder / "rejects.csv");
  for (std::uint32_t row = 1; row <= 1025; ++row) issues.warning(issue_of(row));
  for (std::uint32_t row = 1; row <= 20; ++row) issues.reject(issue_of(row));
  issues.finish();
  const std::string log = content_of(folder / "log");
  CHECK(lines_with(log, "warning: a.xls") == 20);
  CHECK(lines_with(log, "warning: row rejected: a.xls") == 20);
  CHECK(lines_with(log, "1,005 more like these are not shown") == 1);
  CHECK(lines_with(log, "more like these") == 1);
}

}  // namespace prism::setup
