#include <fstream>
#include <string>
#include <vector>

#include <prism/sheet/csv.hpp>

#include "support/temporary.hpp"
#include "support/thrown.hpp"

namespace prism::sheet {
namespace {

using namespace std::string_literals;
using test::thrown_by;
using Lines = std::vector<std::string>;

/// Each row as `1: A=[text] C=[text]`.
Lines read_file_of(const std::filesystem::path& file) {
  const auto workbook = open_csv(file);
  const auto rows = workbook->rows(0);
  Lines lines;
  Row row;
  while (rows->next(row)) {
    std::string line = std::to_string(row.index + 1) + ":";
    for (const Cell& cell : row.cells) {
      CHECK(cell.type == CellType::text);
      line += " " + std::string(1, static_cast<char>('A' + cell.column)) + "=[";
      line += std::string(cell.text) + "]";
    }
    lines.push_back(line);
  }
  return lines;
}

Lines read(const std::string& content) {
  const test::Folder folder;
  return read_file_of(folder.write("facts.csv", content));
}

/// The message for that content, without the name of the file.
std::string damage(const std::string& content) {
  const auto thrown = thrown_by([&] { read(content); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.message.starts_with("facts.csv: "));
  return thrown.message.substr(std::string("facts.csv: ").size());
}

}  // namespace

TEST_CASE("sheet: csv: a file is a workbook of one sheet without a name") {
  const test::Folder folder;
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
  CHECK(read("1,2,3\na,b,c\n") == Lines{"1: A=[1] B=[2] C=[3]", "2: A=[a] B=[b] C=[c]"});
  CHECK(read("1,2,3\n,b,\n,,\na,,c\n") ==
        Lines{"1: A=[1] B=[2] C=[3]", "2: B=[b]", "4: A=[a] C=[c]"});
  CHECK(read("1,2\n a , b\n") == Lines{"1: A=[1] B=[2]", "2: A=[ a ] B=[ b]"});
  CHECK(read("").empty());
  CHECK(read("\n\n").empty());
  CHECK(read("1\n\nx\n") == Lines{"1: A=[1]", "3: A=[x]"});
}

TEST_CASE("sheet: csv: line ends are LF or CR LF, and the last may be missing") {
  const Lines expected{"1: A=[1] B=[2]", "2: A=[a] B=[b]"};
  CHECK(read("1,2\na,b\n") == expected);
  CHECK(read("1,2\r\na,b\r\n") == expected);
  CHECK(read("1,2\na,b") == expected);
  CHECK(read("1,2\r\na,b") == expected);
  CHECK(read("1,2\na,") == Lines{"1: A=[1] B=[2]", "2: A=[a]"});
  CHECK(read("1,2\na,\"b\"") == expected);
}

TEST_CASE("sheet: csv: a byte order mark is no part of the first field") {
  CHECK(read("\xEF\xBB\xBF"
             "1,2\na,b\n") == Lines{"1: A=[1] B=[2]", "2: A=[a] B=[b]"});
  CHECK(read("\xEF\xBB\xBF\"1\",2\n") == Lines{"1: A=[1] B=[2]"});
}

TEST_CASE("sheet: csv: quoted fields hold commas, quotes and line breaks") {
  CHECK(read("1,2\n\"1,1\",b\n") == Lines{"1: A=[1] B=[2]", "2: A=[1,1] B=[b]"});
  CHECK(read("1,2\n\"say \"\"hi\"\"\",\"\"\"\"\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[say \"hi\"] B=[\"]"});
  CHECK(read("1,2\n\"\",\"\"\nx,\"\"\n") == Lines{"1: A=[1] B=[2]", "3: A=[x]"});
  CHECK(read("1,2\n\"one\ntwo\n\n\"\"three\"\"\",b\nc,d\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[one\ntwo\n\n\"three\"] B=[b]", "3: A=[c] B=[d]"});
  CHECK(read("1,2\r\n\"one\r\ntwo\",b\r\n") == Lines{"1: A=[1] B=[2]", "2: A=[one\ntwo] B=[b]"});
  CHECK(read("1,2\n\"a\n,\",\"\nb\"\n") == Lines{"1: A=[1] B=[2]", "2: A=[a\n,] B=[\nb]"});
}

TEST_CASE("sheet: csv: fields hold any UTF-8") {
  CHECK(read("1,2\nd\xC3\xA9j\xC3\xA0,\xF0\x9F\x98\x80\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[d\xC3\xA9j\xC3\xA0] B=[\xF0\x9F\x98\x80]"});
}

TEST_CASE("sheet: csv: a wrong number of fields names the row") {
  CHECK(damage("1,2,3\na,b,c\na,b\n") == "row 3 (line 3): 2 fields, expected 3 as in the header");
  CHECK(damage("1,2\na,b,c\n") == "row 2 (line 2): 3 fields, expected 2 as in the header");
  CHECK(damage("1,2\na,b,\n") == "row 2 (line 2): 3 fields, expected 2 as in the header");
  CHECK(damage("1,2\na\n") == "row 2 (line 2): 1 fields, expected 2 as in the header");
  CHECK(damage("1,2\n\"a\n\nb\",c\n,,\n") ==
        "row 3 (line 5): 3 fields, expected 2 as in the header");
}

TEST_CASE("sheet: csv: below a title the second row decides how many fields there are") {
  CHECK(read("Gellish table\n1,2\na,b\n") ==
        Lines{"1: A=[Gellish table]", "2: A=[1] B=[2]", "3: A=[a] B=[b]"});
  CHECK(read("Gellish,Version,1\n1,2\n").size() == 2);
  CHECK(damage("Gellish table\n1,2\na\n") ==
        "row 3 (line 3): 1 fields, expected 2 as in the header");
}

TEST_CASE("sheet: csv: quotes that are not closed, or stand in the wrong place") {
  CHECK(damage("1,2\n\"a,b\nc,d\n").find("a quote is opened and never closed") !=
        std::string::npos);
  CHECK(damage("1,2\n\"a,b\nc,d\n").starts_with("row 2 "));
  CHECK(damage("1,2\na,\"").find("a quote is opened and never closed") != std::string::npos);
  CHECK(damage("1,2\n\"a\"x,b\n") == "row 2 (line 2): text after the closing quote of field 1");
  CHECK(damage("1,2\na,\"b\" \n") == "row 2 (line 2): text after the closing quote of field 2");
  CHECK(damage("1,2\na,b\"\"c\n") ==
        "row 2 (line 2): field 2 has a quote inside but is not quoted as a whole");
  CHECK(damage("1,2\na, \"b\"\n") ==
        "row 2 (line 2): field 2 has a quote inside but is not quoted as a whole");
  CHECK(damage("1,2\n5\" pipe,b\n6\" pipe,d\n").starts_with("row 2 "));
}

TEST_CASE("sheet: csv: a NUL is refused") {
  const auto thrown = thrown_by([] { read("1,2\na,b\0c\n"s); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.says("facts.csv: "));
  CHECK(thrown.says("NUL"));
}

TEST_CASE("sheet: csv: invalid UTF-8 is named by row, field and byte") {
  CHECK(damage("1,2,3\na,b\xFF"
               "c,d\n") == "row 2 (line 2): field 2 is not valid UTF-8 at byte 2 (0xff)");
  CHECK(damage("1,2\n\"x\ny\",\"d\xE9j\xE0\"\n") ==
        "row 2 (line 3): field 2 is not valid UTF-8 at byte 2 (0xe9)");
  CHECK(damage("1,2\na,\xE2\x82\n") ==
        "row 2 (line 2): field 2 is not valid UTF-8 at byte 1 (0xe2)");
  CHECK(damage("1,2\na,\xED\xA0\x80\n").find("field 2 is not valid UTF-8 at byte 1") !=
        std::string::npos);
}

TEST_CASE("sheet: csv: a file that can't be opened is told") {
  const test::Folder folder;
  const auto missing = thrown_by([&] { open_csv(folder / "missing.csv"); });
  CHECK(missing.code == ErrorCode::input_missing);
  CHECK(missing.message == (folder / "missing.csv").string() + ": No such file or directory");
  CHECK(thrown_by([&] { read_file_of(folder.path()); }).code == ErrorCode::io);
}

}  // namespace prism::sheet
