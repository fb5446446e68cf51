#include "sheet_support.hpp"
#include "zip_builder.hpp"

namespace prism::sheet::test {
namespace {

using Lines = std::vector<std::string>;

Lines read(const BuiltXlsx& book) {
  const TemporaryFile file("book.xlsx", book.file());
  return lines_of(file.path());
}

Lines read_rows(const std::string& sheet_data) {
  return read({sheet_data, "<si><t>zero</t></si><si><t>one</t></si>", "", ""});
}

std::string rows_damage(const std::string& sheet_data) {
  return damage_of([&] { read_rows(sheet_data); });
}

/// A cell in A1 of that type and content.
std::string a1(const std::string& type, const std::string& content) {
  return "<row r='1'><c r='A1' t='" + type + "'>" + content + "</c></row>";
}

}  // namespace

TEST_CASE("sheet: xlsx cells of every type") {
  CHECK(read_rows("<row r='1'><c r='A1'><v>2.5</v></c><c r='B1' t='n'><v>-1E3</v></c>"
                  "<c r='C1' t='s'><v>1</v></c><c r='D1' t='str'><f>A1</f><v>text</v></c>"
                  "<c r='E1' t='b'><v>1</v></c><c r='F1' t='b'><v>false</v></c>"
                  "<c r='G1' t='e'><v>#REF!</v></c><c r='H1' t='e'><v>#NEW!</v></c>"
                  "<c r='I1' t='inlineStr'><is><t>inline</t></is></c>"
                  "<c r='J1' t='d'><v>2001-03-21</v></c>"
                  "<c r='K1' t='d'><v>2001-03-21T12:00:00Z</v></c></row>") ==
        Lines{"1: A=2.5 B=-1000 C=\"one\" D=\"text\" E=TRUE F=FALSE G=#REF! H=#NEW! I=\"inline\" "
              "J=date 36971 K=date-time 36971.5"});
}

TEST_CASE("sheet: xlsx numbers at the edge of what there is") {
  CHECK(read_rows("<row><c><v> +7 </v></c><c><v>1e999</v></c><c><v>-1e999</v></c>"
                  "<c><v>1e-999</v></c><c><v>NaN</v></c><c><v>  </v></c></row>") ==
        Lines{"1: A=7 B=#NUM! C=#NUM! D=0 E=#NUM!"});
}

TEST_CASE("sheet: xlsx values that are not what their type says stay as they are") {
  CHECK(read_rows("<row><c t='n'><v>1,5</v></c><c><v>12 kg</v></c><c t='d'><v>21.3.2001</v></c>"
                  "<c><is><t>no type</t></is></c></row>") ==
        Lines{"1: A=\"1,5\" B=\"12 kg\" C=\"21.3.2001\" D=\"no type\""});
}

TEST_CASE("sheet: xlsx rows that are numbered otherwise than their cells") {
  CHECK(read_rows("<row r='1'/><row r='1'/><row r='2'><c r='A3'><v>3</v></c><c r='B3'><v>4</v></c>"
                  "</row><row r='3'><c r='A4'><v>5</v></c></row><row r='2'/>") ==
        Lines{"3: A=3 B=4", "4: A=5"});
}

TEST_CASE("sheet: xlsx rows out of order are told of, and sorted where that is asked for") {
  const std::string rows =
      "<row r='3'><c r='A3'><v>3</v></c></row><row r='1'><c r='B1' t='s'><v>1</v></c></row>"
      "<row r='3'><c r='A3'><v>4</v></c><c r='C3'><v>5</v></c></row>";
  CHECK(holds(rows_damage(rows), "row 1: found behind row 3, expected rows in rising order"));
  const BuiltXlsx book{rows, "<si><t>zero</t></si><si><t>one</t></si>", "", ""};
  const TemporaryFile file("book.xlsx", book.file());
  const auto workbook = open_workbook(file.path());
  CHECK_THROWS_AS(lines_of(*workbook->rows(0)), RowsOutOfOrder);
  CHECK(lines_of(*workbook->rows(0, RowOrder::sorted)) == Lines{"1: B=\"one\"", "3: A=4 C=5"});
}

TEST_CASE("sheet: xlsx empty cells are no cells, and rows of them no rows") {
  CHECK(read_rows("<row r='1'/><row r='2'><c r='A2'/><c r='B2'><v></v></c>"
                  "<c r='C2' t='str'><v></v></c><c r='D2' t='inlineStr'><is><t/></is></c></row>"
                  "<row r='4'><c r='B4'><v>1</v></c></row>") == Lines{"4: B=1"});
  CHECK(read({"<row><c t='s'><v>0</v></c></row>", "<si><t/></si>", "", ""}) == Lines{});
  CHECK(read_rows("") == Lines{});
}

TEST_CASE("sheet: xlsx rows and cells that do not say where they are") {
  CHECK(read_rows("<row><c><v>1</v></c><c r='D1'><v>2</v></c><c><v>3</v></c></row>"
                  "<row r='5'><c><v>4</v></c></row><row><c><v>5</v></c></row>"
                  "<row><c r='B9'><v>6</v></c><c><v>7</v></c></row><row><c><v>8</v></c></row>") ==
        Lines{"1: A=1 D=2 E=3", "5: A=4", "6: A=5", "9: B=6 C=7", "10: A=8"});
}

TEST_CASE("sheet: xlsx cells in any order within the row") {
  CHECK(read_rows("<row r='1'><c r='C1'><v>3</v></c><c r='A1' t='str'><v>a</v></c>"
                  "<c r='b1'><v>2</v></c><c r='C1'><v>4</v></c></row>") ==
        Lines{"1: A=\"a\" B=2 C=4"});
}

TEST_CASE("sheet: xlsx rich text without its phonetics, and escapes") {
  const std::string rich =
      "<r><rPr><b/></rPr><t>bold</t></r><r><t xml:space='preserve'> &amp; "
      "more</t></r><rPh sb='0' eb='1'><t>phonetic</t></rPh><phoneticPr/>";
  const Lines both{"1: A=\"bold & more\" B=\"a\rb_x000D_c_\"", "2: A=\"\U0001F600_x00\""};
  const std::string escaped = "<t>a_x000D_b_x005F_x000D_c_</t>";
  const std::string pair = "<t>_xD83D__xDE00__x00</t>";
  CHECK(
      read({"<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row><row><c t='s'><v>2</v></c></row>",
            "<si>" + rich + "</si><si>" + escaped + "</si><si>" + pair + "</si>", "", ""}) == both);
  CHECK(read_rows("<row><c t='inlineStr'><is>" + rich + "</is></c><c t='inlineStr'><is>" + escaped +
                  "</is></c></row><row><c t='inlineStr'><is>" + pair + "</is></c></row>") == both);
  CHECK(read_rows(a1("str", "<v>_xD83D_</v>")) == Lines{"1: A=\"\uFFFD\""});
}

TEST_CASE("sheet: xlsx white space at the ends of a text counts where xml:space says so") {
  const std::string strings =
      "<si><t>\n x y \t</t></si><si><t xml:space='preserve'> x </t></si><si><t>  </t></si>"
      "<si><r><t> a </t></r><r><t xml:space='preserve'> b</t></r></si>";
  CHECK(read({"<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c><c t='s'><v>2</v></c>"
              "<c t='s'><v>3</v></c><c t='str'><v> f </v></c></row>",
              strings, "", ""}) == Lines{"1: A=\"x y\" B=\" x \" D=\"a b\" E=\" f \""});
}

TEST_CASE("sheet: xlsx shared strings nested in each other are no harm") {
  CHECK(read({"<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c><c t='s'><v>2</v></c></row>",
              "<si><r><t>abc</t><t>def<si>x</si></t></r></si><si><t>y</t></si>", "", ""}) ==
        Lines{"1: C=\"y\""});
}

TEST_CASE("sheet: xlsx rows of endless text are refused") {
  const std::string text(std::size_t{15} << 20, 'x');
  const auto message = [&](std::string_view cell) {
    std::string row = "<row>";
    for (int i = 0; i < 5; ++i) row += cell;
    return damage_of([&] { read({row + "</row>", "<si><t>" + text + "</t></si>", "", ""}); });
  };
  CHECK(holds(message("<c t='s'><v>0</v></c>"),
              "row 1: the texts of the row are longer than 64 MiB"));
  CHECK(holds(message("<c t='str'><v>" + text + "</v></c>"),
              "cell E1: the texts of the row are longer than 64 MiB"));
}

TEST_CASE("sheet: xlsx dates by style, in both date systems") {
  const std::string styles =
      "<numFmts><numFmt numFmtId='164' formatCode='yyyy\\-mm\\-dd'/></numFmts>"
      "<cellStyleXfs><xf numFmtId='22'/></cellStyleXfs>"
      "<cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='22'/><xf "
      "numFmtId='20'/></cellXfs>"
      "<dxfs><dxf><numFmt numFmtId='164' formatCode='0'/></dxf></dxfs>";
  BuiltXlsx book{
      "<row><c s='0'><v>1</v></c><c s='1'><v>36971</v></c><c s='2'><v>36971.5</v></c>"
      "<c s='3'><v>0.5</v></c><c s='9'><v>2</v></c></row>",
      "", styles, ""};
  CHECK(read(book) == Lines{"1: A=1 B=date 36971 C=date-time 36971.5 D=time 0.5 E=2"});
  for (const std::string value : {"1", "true", "on"}) {
    book.workbook_properties = "<workbookPr date1904='" + value + "'/>";
    CHECK(read(book) == Lines{"1: A=1 B=date 38433 C=date-time 38433.5 D=time 0.5 E=2"});
  }
  // What is no date in the 1904 system stays what the file says.
  book.sheet_data = "<row><c s='1'><v>2957004</v></c><c s='1'><v>-1</v></c></row>";
  CHECK(read(book) == Lines{"1: A=2957004 B=-1"});
  book.sheet_data = "<row><c t='d' s='2'><v>2001-03-21</v></c><c t='d'><v>10:30:00</v></c></row>";
  CHECK(read(book) == Lines{"1: A=date-time 36971 B=time 0.4375"});
}

TEST_CASE("sheet: xlsx what stands around the rows does not matter") {
  BuiltXlsx book{
      "<row><c><v>1</v><extLst><ext><row><c><v>9</v></c></row></ext></extLst></c></row>"
      "<x:row xmlns:x='urn:other'><c><v>3</v></c></x:row>",
      "", "", ""};
  CHECK(read(book) == Lines{"1: A=1"});
}

TEST_CASE("sheet: xlsx errors name the file, the sheet and the place") {
  CHECK(
      holds(rows_damage("<row r='3'><c><v>1</v></c></row><row r='2'><c/></row>"),
            "book.xlsx: sheet 'Sheet1', row 2: found behind row 3, expected rows in rising order"));
  CHECK(holds(rows_damage("<row r='3'><c/></row><row r='3'><c/></row>"), "found behind row 3"));
  CHECK(holds(rows_damage("<row r='0'/>"), "found '0', expected a row number from 1 to 1048576"));
  CHECK(holds(rows_damage("<row r='1048577'/>"), "found '1048577'"));
  CHECK(holds(rows_damage("<row r='1048576'/><row><c/></row>"), "found more than 1048576 rows"));
  CHECK(holds(rows_damage("<row r='2'><c r='A2'/><c r='B3'/></row>"),
              "found 'B3', expected a cell of row 2"));
  CHECK(holds(rows_damage("<row r='2'><c r='2'/></row>"), "expected a cell from A1 to XFD1048576"));
  CHECK(holds(rows_damage("<row><c r='XFE1'/></row>"), "found 'XFE1'"));
  CHECK(holds(rows_damage("<row><c r='XFD1'/><c/></row>"), "found more than 16384 columns"));
  CHECK(holds(rows_damage(a1("s", "<v>2</v>")), "cell A1: found '2', expected one of 2 shared"));
  CHECK(holds(rows_damage(a1("s", "<v>-1</v>")), "found '-1'"));
  CHECK(holds(rows_damage(a1("b", "<v>yes</v>")), "found 'yes', expected a boolean"));
  CHECK(holds(rows_damage(a1("x", "<v>1</v>")), "found 'x', expected a cell type"));
  CHECK(holds(rows_damage("<row><c s='-1'><v>1</v></c></row>"), "expected a style index"));
  CHECK(holds(rows_damage("<row r='7'><c></row>"),
              "cell A7: found the end of 'row', which is not open"));
}

}  // namespace prism::sheet::test
