#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <prism/gellish/table.hpp>
#include <prism/sheet/csv_dialect.hpp>

#include "csv_support.hpp"

namespace prism::sheet {
namespace {

using test::csv_damage;
using test::csv_lines;
using Lines = std::vector<std::string>;

char delimiter_of(std::string_view content) { return detect_csv_dialect(content, true).delimiter; }

/// The UIDs of column 1 of a table.
std::vector<std::int64_t> facts_of(const std::string& content) {
  gellish::NoIssues issues;
  const auto rows = test::csv_rows(content);
  gellish::Table table(*rows, {"facts.csv", ""}, gellish::TableForm::csv, issues);
  const auto column = static_cast<std::size_t>(table.header().find(1));
  gellish::Record record;
  std::vector<std::int64_t> uids;
  while (table.next(record)) uids.push_back(record.fields()[column].number);
  return uids;
}

}  // namespace

TEST_CASE("sheet: csv: commas, semicolons and tabs are told apart") {
  CHECK(csv_lines("1;2\na,b;\"c;d\"\n") == Lines{"1: A=[1] B=[2]", "2: A=[a,b] B=[c;d]"});
  CHECK(csv_lines("1\t2\na,b;c\t\"d\te\"\n") == Lines{"1: A=[1] B=[2]", "2: A=[a,b;c] B=[d\te]"});
  CHECK(csv_lines("a\tb\t\n\t\tc\n") == Lines{"1: A=[a] B=[b]", "2: C=[c]"});
  CHECK(csv_damage("1;2\n1;2;3\n") == "row 2 (line 2): 3 fields, expected 2 as in the header");
  CHECK(csv_damage("1;2\n\"a\",b;c\n") ==
        "row 2 (line 2): text after the closing quote of field 1");
}

TEST_CASE("sheet: csv: the row of column IDs says what is between fields") {
  CHECK(delimiter_of("Facts, on pumps, of 2001, by us\n1;2;15\nx,y;z,z;a,b\n") == ';');
  CHECK(delimiter_of("Facts; on pumps; of 2001\n1,2,15\nx;y,z;z,a;b\n") == ',');
  CHECK(delimiter_of("\"1\"\t\"2\"\t15.0\t\t\r\nx,y\tz\t\t\t\r\n") == '\t');
  CHECK(delimiter_of("Gellish;Version;1\n1;2;15\n") == ';');
  CHECK(delimiter_of("1 ; 2\n") == ';');
}

TEST_CASE("sheet: csv: without column IDs, what stands equally often in all records") {
  CHECK(delimiter_of("a;b;c\nx,y;z,z;u,v\n") == ';');
  CHECK(delimiter_of("a,b;c\nx,y;z\n") == ',');
  CHECK(delimiter_of("a,b\tc\td\nx,y\tz\tu\n") == '\t');
  CHECK(delimiter_of("\n\na;b\n\n\"c,d,e\";f\n") == ';');
  CHECK(delimiter_of("a;\"b\nb,b\"\nc;d\n") == ';');
}

TEST_CASE("sheet: csv: commas within numbers are between no fields") {
  CHECK(delimiter_of("1,5;2,5\n3,5;4,5\n") == ';');
  CHECK(delimiter_of("1,5\t-2,5\n3,5\t4,5\n") == '\t');
  CHECK(delimiter_of("A title\n1,5;2,5;3,5\n4,5;5,5;6,5\n") == ';');
  CHECK(delimiter_of("a;b\n1.234,50;2\n1.000,00;\"x,y\"\n") == ';');
  CHECK(delimiter_of("1,5\n2,5\n") == ',');
}

TEST_CASE("sheet: csv: else what stands equally often in most records") {
  CHECK(delimiter_of("A title, with a comma\na;b;c\nd;e;f\ng;h;i\n") == ';');
  CHECK(delimiter_of("A title\na;b;c\nd,d;e;f\ng;h;i;j\n") == ';');
  CHECK(delimiter_of("a,b,c\nd,e,f\ng,h;h;h;h,i,j\n") == ',');
}

TEST_CASE("sheet: csv: a file of one column") {
  CHECK(delimiter_of("") == ',');
  CHECK(delimiter_of("\n\n") == ',');
  CHECK(delimiter_of("one\ntwo\n") == ',');
  CHECK(csv_lines("one\ntwo\nthree; or four\n") ==
        Lines{"1: A=[one]", "2: A=[two]", "3: A=[three; or four]"});
}

TEST_CASE("sheet: csv: the start of a long file decides") {
  std::string content;
  for (int i = 0; i < 20; ++i) content += "a;b\n";
  CHECK(delimiter_of(content + "c,d,e\n") == ';');
  CHECK(detect_csv_dialect("a;b\nc;d\ne,f,g,h", false).delimiter == ';');
  CHECK(detect_csv_dialect("a;b,c;", false).delimiter == ';');
  CHECK(detect_csv_dialect("a;b\r", false).line_end == '\n');
  CHECK(detect_csv_dialect("a;b\r", true).line_end == '\r');
  const std::string wide(100'000, 'x');
  CHECK(csv_lines("1;" + wide + "\n2;y\n") == Lines{"1: A=[1] B=[" + wide + "]", "2: A=[2] B=[y]"});
}

TEST_CASE("sheet: csv: a first line can declare the delimiter and is no row") {
  CHECK(csv_lines("sep=;\r\n1,2;x\r\na;b\r\n") == Lines{"1: A=[1,2] B=[x]", "2: A=[a] B=[b]"});
  CHECK(csv_lines("SEP=\t\na,a,a\tb\n") == Lines{"1: A=[a,a,a] B=[b]"});
  CHECK(csv_damage("sep=,\n1,2\n1,2,3\n") ==
        "row 2 (line 3): 3 fields, expected 2 as in the header");
  CHECK(csv_lines("sep=x\n").size() == 1);
}

TEST_CASE("sheet: csv: UIDs with thousands separators, whatever is between fields") {
  const std::vector<std::int64_t> expected{910036, 2000000001, 5};
  const std::string quoted =
      "1|2|60|15\n\"910,036\"|1|1146|2\n\"2,000,000,001\"|1|1146|2\n5|1|\"1,146\"|2\n";
  for (const char delimiter : {',', ';', '\t'}) {
    std::string content = quoted;
    std::replace(content.begin(), content.end(), '|', delimiter);
    CHECK(facts_of(content) == expected);
    if (delimiter == ',') continue;
    std::erase(content, '"');
    CHECK(facts_of(content) == expected);
  }
}

}  // namespace prism::sheet
