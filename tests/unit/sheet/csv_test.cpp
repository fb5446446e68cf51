#include <string>
#include <vector>

#include <prism/sheet/csv.hpp>

#include "csv_support.hpp"
#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::sheet {
namespace {

using namespace std::string_literals;
using prism::test::thrown_by;
using test::csv_damage;
using test::csv_lines;
using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("sheet: csv: a file is a workbook of one sheet without a name") {
  const prism::test::Folder folder;
  const auto workbook = open_csv(folder.write("facts.csv", "1,2\n"));
  CHECK(workbook->format() == "csv");
  REQUIRE(workbook->sheets().size() == 1);
  CHECK(workbook->sheets()[0].name.empty());
  CHECK(workbook->sheets()[0].worksheet);
  CHECK(workbook->sheets()[0].visibility == Visibility::visible);
  for (int pass = 0; pass < 2; ++pass) {
    const auto rows = workbook->rows(0);
    Row row;
    CHECK(rows->next(row));
    CHECK_FALSE(rows->next(row));
    CHECK_FALSE(rows->next(row));
  }
}

TEST_CASE("sheet: csv: rows and fields, blank ones left out") {
  CHECK(csv_lines("1,2,3\na,b,c\n") == Lines{"1: A=[1] B=[2] C=[3]", "2: A=[a] B=[b] C=[c]"});
  CHECK(csv_lines("1,2,3\n,b,\n,,\na,,c\n") ==
        Lines{"1: A=[1] B=[2] C=[3]", "2: B=[b]", "4: A=[a] C=[c]"});
  CHECK(csv_lines("1,2\n a , b\n") == Lines{"1: A=[1] B=[2]", "2: A=[ a ] B=[ b]"});
  CHECK(csv_lines("").empty());
  CHECK(csv_lines("\n\n").empty());
  CHECK(csv_lines("1\n\nx\n") == Lines{"1: A=[1]", "3: A=[x]"});
}

TEST_CASE("sheet: csv: line ends are LF or CR LF, and the last may be missing") {
  const Lines expected{"1: A=[1] B=[2]", "2: A=[a] B=[b]"};
  CHECK(csv_lines("1,2\na,b\n") == expected);
  CHECK(csv_lines("1,2\r\na,b\r\n") == expected);
  CHECK(csv_lines("1,2\na,b") == expected);
  CHECK(csv_lines("1,2\r\na,b") == expected);
  CHECK(csv_lines("1,2\na,") == Lines{"1: A=[1] B=[2]", "2: A=[a]"});
  CHECK(csv_lines("1,2\na,\"b\"") == expected);
}

TEST_CASE("sheet: csv: a byte order mark is no part of the first field") {
  CHECK(csv_lines("\xEF\xBB\xBF"
                  "1,2\na,b\n") == Lines{"1: A=[1] B=[2]", "2: A=[a] B=[b]"});
  CHECK(csv_lines("\xEF\xBB\xBF\"1\",2\n") == Lines{"1: A=[1] B=[2]"});
}

TEST_CASE("sheet: csv: quoted fields hold commas, quotes and line breaks") {
  CHECK(csv_lines("1,2\n\"1,1\",b\n") == Lines{"1: A=[1] B=[2]", "2: A=[1,1] B=[b]"});
  CHECK(csv_lines("1,2\n\"say \"\"hi\"\"\",\"\"\"\"\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[say \"hi\"] B=[\"]"});
  CHECK(csv_lines("1,2\n\"\",\"\"\nx,\"\"\n") == Lines{"1: A=[1] B=[2]", "3: A=[x]"});
  CHECK(csv_lines("1,2\n\"one\ntwo\n\n\"\"three\"\"\",b\nc,d\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[one\ntwo\n\n\"three\"] B=[b]", "3: A=[c] B=[d]"});
  CHECK(csv_lines("1,2\r\n\"one\r\ntwo\",b\r\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[one\ntwo] B=[b]"});
  CHECK(csv_lines("1,2\n\"a\n,\",\"\nb\"\n") == Lines{"1: A=[1] B=[2]", "2: A=[a\n,] B=[\nb]"});
}

TEST_CASE("sheet: csv: fields hold any UTF-8") {
  CHECK(csv_lines("1,2\nd\xC3\xA9j\xC3\xA0,\xF0\x9F\x98\x80\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[d\xC3\xA9j\xC3\xA0] B=[\xF0\x9F\x98\x80]"});
}

TEST_CASE("sheet: csv: a wrong number of fields names the row") {
  CHECK(csv_damage("1,2,3\na,b,c\na,b\n") ==
        "row 3 (line 3): 2 fields, expected 3 as in the header");
  CHECK(csv_damage("1,2\na,b,c\n") == "row 2 (line 2): 3 fields, expected 2 as in the header");
  CHECK(csv_damage("1,2\na,b,\n") == "row 2 (line 2): 3 fields, expected 2 as in the header");
  CHECK(csv_damage("1,2\na\n") == "row 2 (line 2): 1 fields, expected 2 as in the header");
  CHECK(csv_damage("1,2\n\"a\n\nb\",c\n,,\n") ==
        "row 3 (line 5): 3 fields, expected 2 as in the header");
}

TEST_CASE("sheet: csv: below a title the second row decides how many fields there are") {
  CHECK(csv_lines("Gellish table\n1,2\na,b\n") ==
        Lines{"1: A=[Gellish table]", "2: A=[1] B=[2]", "3: A=[a] B=[b]"});
  CHECK(csv_lines("Gellish,Version,1\n1,2\n").size() == 2);
  CHECK(csv_damage("Gellish table\n1,2\na\n") ==
        "row 3 (line 3): 1 fields, expected 2 as in the header");
}

TEST_CASE("sheet: csv: quotes that are not closed, or stand in the wrong place") {
  CHECK(csv_damage("1,2\n\"a,b\nc,d\n").find("a quote is opened and never closed") !=
        std::string::npos);
  CHECK(csv_damage("1,2\n\"a,b\nc,d\n").starts_with("row 2 "));
  CHECK(csv_damage("1,2\na,\"").find("a quote is opened and never closed") != std::string::npos);
  CHECK(csv_damage("1,2\n\"a\"x,b\n") == "row 2 (line 2): text after the closing quote of field 1");
  CHECK(csv_damage("1,2\na,\"b\" \n") == "row 2 (line 2): text after the closing quote of field 2");
  CHECK(csv_damage("1,2\na,b\"\"c\n") ==
        "row 2 (line 2): field 2 has a quote inside but is not quoted as a whole");
  CHECK(csv_damage("1,2\na, \"b\"\n") ==
        "row 2 (line 2): field 2 has a quote inside but is not quoted as a whole");
  CHECK(csv_damage("1,2\n5\" pipe,b\n6\" pipe,d\n").starts_with("row 2 "));
}

TEST_CASE("sheet: csv: the number of fields may be any when asked") {
  CHECK(csv_lines("1,2\na\nb,c,d\n,,,e\n", FieldCount::any) ==
        Lines{"1: A=[1] B=[2]", "2: A=[a]", "3: A=[b] B=[c] C=[d]", "4: D=[e]"});
}

TEST_CASE("sheet: csv: a NUL is refused") {
  CHECK(csv_damage("1,2\na,b\0c\n"s) == "row 2 (line 2): holds a NUL, expected text");
  CHECK(csv_damage("1,2\na,\"b\0\n"s).starts_with("row 2 (line 2): holds a NUL"));
}

TEST_CASE("sheet: csv: a file that can't be opened is told") {
  const prism::test::Folder folder;
  const auto missing = thrown_by([&] { open_csv(folder / "missing.csv"); });
  CHECK(missing.code == ErrorCode::input_missing);
  CHECK(missing.message == (folder / "missing.csv").string() + ": No such file or directory");
  const auto no_file = thrown_by([&] { open_csv(folder.path()); });
  CHECK(no_file.code == ErrorCode::bad_data);
  CHECK(no_file.says("found a folder"));
}

}  // namespace prism::sheet
