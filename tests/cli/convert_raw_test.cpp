#include <doctest/doctest.h>

#include "cli/cli.hpp"
#include "support/paths.hpp"

namespace prism::test {
namespace {

namespace fs = std::filesystem;

std::string book(const std::string& name) { return test_data() / "sheet" / name; }

}  // namespace

TEST_CASE("cli: convert --raw writes the sheet as it stands") {
  const Cli cli;
  const Json made = cli.json({"convert", book("openpyxl.xlsx"), "--raw", "-o", "out"});
  CHECK(made["raw"] == true);
  CHECK(made["files"][0]["workbook"] == "openpyxl.xlsx");
  const auto printed = cli({"convert", book("openpyxl.xlsx"), "--raw", "-o", "-"});
  CHECK(printed.code == 0);
  CHECK(printed.out == content_of(cli / "out/0.csv"));
  CHECK(printed.out ==
        "text,Ж日€,1,-2.5,1e+300,TRUE,2001-03-21,10:30:00,,,#REF!\n\n2001-03-21 12:00:00,5\n");
}

TEST_CASE("cli: convert --list-sheets names them all and writes nothing") {
  const Cli cli;
  const Json listed = cli.json({"convert", book("xlwt.xls"), "--list-sheets"});
  REQUIRE(listed["workbooks"].size() == 1);
  const Json& workbook = listed["workbooks"][0];
  CHECK(workbook["format"] == "xls");
  REQUIRE(workbook["sheets"].size() > 1);
  const std::string name = workbook["sheets"][1]["name"];
  CHECK(workbook["sheets"][1]["number"] == 2);
  const auto shown = cli({"convert", book("xlwt.xls"), "--list-sheets"});
  CHECK(shown.out.find(name) != std::string::npos);

  // By name and by number it is the same sheet.
  const auto by_name = cli({"convert", book("xlwt.xls"), "--raw", "--sheet", name, "-o", "-"});
  const auto by_number = cli({"convert", book("xlwt.xls"), "--raw", "--sheet", "2", "-o", "-"});
  CHECK(by_name.code == 0);
  CHECK(by_name.out == by_number.out);
}

TEST_CASE("cli: convert says what it misses") {
  const Cli cli;
  CHECK(cli({"convert", book("xlwt.xls"), "--raw"}).code == 64);
  CHECK(cli({"convert", book("xlwt.xls"), "--raw", "--uids", "assign", "-o", "o"}).code == 64);
  CHECK(cli({"convert", book("xlwt.xls"), "--jobs", "0", "-o", "o"}).code == 64);
  const auto missing = cli({"convert", book("xlwt.xls"), "--sheet", "none", "-o", "o"});
  CHECK(missing.code == 66);
  CHECK(missing.err.find("xlwt.xls: no sheet 'none'") != std::string::npos);
  CHECK_FALSE(fs::exists(cli / "o"));
}

TEST_CASE("cli: many workbooks side by side give the same as one by one") {
  const Cli cli;
  Words one{"convert"};
  for (int i = 0; i < 12; ++i) {
    const std::string name = "book" + std::to_string(i) + ".csv";
    std::string rows = "1,2,60,15,9\n";
    for (int row = 0; row < 200 * (12 - i); ++row) {
      rows += std::to_string(5000 + row) + (row % 50 == 3 ? ",," : ",6001,") + "1146,700000,";
      rows += row % 40 == 7 ? "soon\n" : "2001-03-21\n";
    }
    cli.write(name, rows);
    one.push_back(name);
  }
  auto many = one;
  one.insert(one.end(), {"--jobs", "1", "-o", "one"});
  many.insert(many.end(), {"--jobs", "5", "-o", "many"});
  const auto first = cli(one);
  const auto second = cli(many);
  CHECK(first.code == 1);
  CHECK(second.code == 1);
  for (int i = 0; i < 12; ++i) {
    const std::string name = std::to_string(i) + ".csv";
    CHECK(content_of(cli / "one" / name) == content_of(cli / "many" / name));
  }
  CHECK(content_of(cli / "one/rejects.csv") == content_of(cli / "many/rejects.csv"));
  CHECK(content_of(cli / "one/rejects.csv").find("book11.csv") != std::string::npos);
}

TEST_CASE("cli: of many workbooks the first bad one is named, and nothing is written") {
  const Cli cli;
  for (const char* name : {"a.csv", "b.csv", "c.csv", "d.csv"}) {
    cli.write(name, name[0] == 'a' ? "1,2,60,15\n1,2,3,4\n" : "no,ids\n");
  }
  for (int round = 0; round < 5; ++round) {
    const auto failed = cli({"convert", "a.csv", "b.csv", "c.csv", "d.csv", "-o", "out"});
    CHECK(failed.code == 65);
    CHECK(failed.err.find("b.csv") != std::string::npos);
    CHECK_FALSE(fs::exists(cli / "out"));
  }
}

}  // namespace prism::test
