#include "sheet_support.hpp"
#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

constexpr unsigned kLabel = 0x0204;

std::string book(const std::string& records, const std::string& globals = {},
                 const std::string& name = "Sheet1") {
  return compound_file({{"Book", workbook_stream(globals, {{name, records}}, 0x0500)}});
}

Lines read(const std::string& records, const std::string& globals = {}) {
  const TemporaryFile file("book.xls", book(records, globals));
  return lines_of(file.path());
}

std::string code_page(unsigned number) { return record(0x0042, le16(number)); }
std::string label(const std::string& text) { return record(kLabel, cell(0, 0) + long_bytes(text)); }

}  // namespace

TEST_CASE("sheet: xls of BIFF5, with all its cells") {
  const std::string text_formula =
      record(0x0006, cell(1, 0) + le8(0) + le8(0) + le32(0) + le16(0xFFFF) + le16(0) + le32(0));
  const std::string records =
      label("label") + record(0x00D6, cell(0, 1) + long_bytes("rich") + le8(1) + le8(0) + le8(5)) +
      record(0x0203, cell(0, 2) + le_double(2.5)) + record(0x027E, cell(0, 3) + le32(7U << 2 | 2)) +
      record(0x00BD, le16(0) + le16(4) + le16(0) + le32(8U << 2 | 2) + le16(0) + le32(9U << 2 | 2) +
                         le16(5)) +
      record(0x0205, cell(0, 6) + le8(1) + le8(0)) + text_formula +
      record(0x0207, long_bytes("result")) +
      record(0x0006, cell(1, 1) + le_double(3) + le16(0) + le32(0) + le16(0));
  CHECK(read(records) ==
        Lines{"1: A=\"label\" B=\"rich\" C=2.5 D=7 E=8 F=9 G=TRUE", "2: A=\"result\" B=3"});
}

TEST_CASE("sheet: xls of BIFF5: texts and names in the code page of the workbook") {
  CHECK(read(label("caf\xE9 \x80")) == Lines{"1: A=\"caf\u00E9 \u20AC\""});
  CHECK(read(label("\xC6"), code_page(1251)) == Lines{"1: A=\"\u0416\""});
  CHECK(read(label("\x8E"), code_page(10000)) == Lines{"1: A=\"\u00E9\""});
  CHECK(read(label("\x93\xFA"), code_page(932)) == Lines{"1: A=\"\u65E5\""});
  const TemporaryFile file("book.xls", book("", code_page(1250), "\xE8\x9A"));
  CHECK(open_workbook(file.path())->sheets()[0].name == "\u010D\u0161");
}

TEST_CASE("sheet: xls of BIFF5 in code page 1200: UTF-16, or bytes after all") {
  const std::string characters = record(kLabel, cell(0, 0) + le16(2) + utf16(u"\u4E2D\u6587"));
  CHECK(read(characters, code_page(1200)) == Lines{"1: A=\"\u4E2D\u6587\""});
  CHECK(read(label(utf16(u"ab")), code_page(1200)) == Lines{"1: A=\"ab\""});
  CHECK(read(label("caf\xE9"), code_page(1200)) == Lines{"1: A=\"caf\u00E9\""});
}

TEST_CASE("sheet: xls of BIFF5: a code page that is not known is named, when text needs it") {
  const TemporaryFile file("book.xls", book(label("a") + label("\xE9"), code_page(9999)));
  CHECK(holds(damage_of([&] { lines_of(file.path()); }),
              "sheet 'Sheet1', row 1: found text in code page 9999"));
  CHECK(read(label("plain"), code_page(9999)) == Lines{"1: A=\"plain\""});
}

TEST_CASE("sheet: xls of BIFF5: text over CONTINUE records, which have no flags there") {
  const std::string text = record(kLabel, cell(0, 0) + le16(5) + "ab\x93") +
                           record(0x003C, "\xFA") + record(0x003C, "z");
  CHECK(read(text, code_page(932)) == Lines{"1: A=\"ab\u65E5z\""});
}

TEST_CASE("sheet: xls of BIFF5: dates, whose formats are in the code page too") {
  // The second byte of the last character is the letter d.
  const std::string code = "0.0\"\x93\xFA\x96\x64\"";
  const std::string xf = std::string(12, '\0');
  const std::string globals =
      code_page(932) + record(0x041E, le16(164) + short_bytes("yyyy/m/d")) +
      record(0x041E, le16(165) + short_bytes(code)) + record(0x00E0, le16(0) + le16(0) + xf) +
      record(0x00E0, le16(0) + le16(164) + xf) + record(0x00E0, le16(0) + le16(165) + xf) +
      record(0x00E0, le16(0) + le16(15) + xf) + record(0x0022, le16(1));
  std::string records;
  for (unsigned i = 0; i < 4; ++i) records += record(0x0203, cell(0, i, i) + le_double(1));
  CHECK(read(records, globals) == Lines{"1: A=1 B=date 1463 C=1 D=date 1463"});
}

TEST_CASE("sheet: xls with both streams: that of Excel 97 counts") {
  const std::string five = workbook_stream("", {{"Five", label("old")}}, 0x0500);
  const std::string eight =
      workbook_stream("", {{"Eight", record(kLabel, cell(0, 0) + compressed("new"))}});
  const TemporaryFile file("dual.xls", compound_file({{"Book", five}, {"Workbook", eight}}));
  CHECK(open_workbook(file.path())->sheets()[0].name == "Eight");
  CHECK(lines_of(file.path()) == Lines{"1: A=\"new\""});
}

TEST_CASE("sheet: xls sheets count as of the version that the workbook has") {
  // Saved in an older version, the sheets of some keep the newer one's number.
  std::string stream = workbook_stream("", {{"S", label("\xE9")}}, 0x0500);
  overwrite(stream, stream.rfind("\x00\x05\x10\x00"s), "\x00\x06"s);
  const TemporaryFile file("book.xls", compound_file({{"Book", stream}}));
  CHECK(lines_of(file.path()) == Lines{"1: A=\"\u00E9\""});
}

}  // namespace prism::sheet::test
