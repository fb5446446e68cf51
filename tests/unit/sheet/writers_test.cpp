#include "sheet_support.hpp"

namespace prism::sheet::test {
namespace {

using Lines = std::vector<std::string>;

const std::string kFirstLine =
    "1: A=\"text\" B=\"\u0416\u65E5\u20AC\" C=1 D=-2.5 E=1e+300 F=TRUE G=date 36971 "
    "H=time 0.4375 K=#REF!";

/// All writers make the sheets `Types é`, perhaps `Chart`, `Hidden` and `Very hidden`.
void check_sheets(const Workbook& book, bool with_chart) {
  const auto sheets = book.sheets();
  REQUIRE(sheets.size() == (with_chart ? 4 : 3));
  CHECK(sheets[0].name == "Types \u00E9");
  CHECK(sheets[0].visibility == Visibility::visible);
  CHECK(sheets[1].worksheet == !with_chart);
  CHECK(sheets[sheets.size() - 2].visibility == Visibility::hidden);
  CHECK(sheets.back().name == "Very hidden");
  CHECK(sheets.back().visibility == Visibility::very_hidden);
}

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("sheet: xls by xlwt, in both date systems") {
  for (const char* name : {"xlwt.xls", "xlwt-1904.xls"}) {
    CAPTURE(name);
    const auto book = open_workbook(fixture(name));
    check_sheets(*book, false);
    const Lines lines = lines_of(*book->rows(0));
    REQUIRE(lines.size() == 62);
    CHECK(lines[0] == kFirstLine);
    CHECK(lines[1] == "3: A=date-time 36971.5 B=5 C=\"rich text\"");
    for (int i = 0; i < 60; ++i) {
      const std::string unit = i % 2 != 0 ? "abc \u00E9 " : "\u0416\u65E5\u20AC ";
      const std::string number = std::to_string(i);
      CHECK(lines[static_cast<std::size_t>(i) + 2] == std::to_string(11 + i) + ": " +
                                                          "ABCDE"[i % 5] + "=\"" + number + ":" +
                                                          repeated(unit, 100) + "\"");
    }
  }
}

TEST_CASE("sheet: xlsx by XlsxWriter") {
  const auto book = open_workbook(fixture("xlsxwriter.xlsx"));
  check_sheets(*book, true);
  CHECK(lines_of(*book->rows(0)) ==
        Lines{kFirstLine,
              "3: A=date-time 36971.5 B=5 C=\"rich text\" D=\"ab\" E=TRUE "
              "F=\"line\r\nbreak \x01 _x0041_\""});
}

TEST_CASE("sheet: xlsx by openpyxl") {
  const auto book = open_workbook(fixture("openpyxl.xlsx"));
  check_sheets(*book, true);
  CHECK(lines_of(*book->rows(0)) == Lines{kFirstLine, "3: A=date-time 36971.5 B=5"});
}

TEST_CASE("sheet: xlsx whose shared strings are a zip bomb") {
  const std::string found = damage_of([&] { count_cells(fixture("bomb-in-shared-strings.xlsx")); });
  CHECK(holds(found, "part 'xl/sharedStrings.xml', offset "));
  CHECK(holds(found, ": unpacks to more than 200 times its size: a zip bomb"));
}

}  // namespace prism::sheet::test
