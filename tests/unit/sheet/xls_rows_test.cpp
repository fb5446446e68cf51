#include <limits>

#include "sheet_support.hpp"
#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

using Lines = std::vector<std::string>;

constexpr unsigned kFormula = 0x0006;
constexpr unsigned kContinue = 0x003C;
constexpr unsigned kMulRk = 0x00BD;
constexpr unsigned kMulBlank = 0x00BE;
constexpr unsigned kRString = 0x00D6;
constexpr unsigned kSst = 0x00FC;
constexpr unsigned kLabelSst = 0x00FD;
constexpr unsigned kBlank = 0x0201;
constexpr unsigned kNumber = 0x0203;
constexpr unsigned kLabel = 0x0204;
constexpr unsigned kBoolErr = 0x0205;
constexpr unsigned kString = 0x0207;
constexpr unsigned kArray = 0x0221;
constexpr unsigned kRk = 0x027E;
constexpr unsigned kShrFmla = 0x04BC;

std::string number(unsigned row, unsigned column, double value, unsigned format = 0) {
  return record(kNumber, cell(row, column, format) + le_double(value));
}

/// A formula whose result is no number: kind and value ([MS-XLS] section 2.5.133).
std::string formula(unsigned row, unsigned column, unsigned kind, unsigned value = 0) {
  return record(kFormula, cell(row, column) + le8(kind) + le8(0) + le8(value) + le8(0) + le16(0) +
                              le16(0xFFFF) + le16(0) + le32(0) + le16(0));
}

Lines read(const std::string& records, const std::string& globals = {}) {
  const TemporaryFile file("book.xls", xls_file(records, globals));
  return lines_of(file.path());
}

std::string read_damage(const std::string& records, const std::string& globals = {}) {
  const TemporaryFile file("book.xls", xls_file(records, globals));
  return damage_of([&] { lines_of(file.path()); });
}

/// FORMAT 164 with that code, and two cell formats: General and that one.
std::string formats(const std::string& code) {
  return record(0x041E, le16(164) + compressed(code)) +
         record(0x00E0, le16(0) + le16(0) + std::string(16, '\0')) +
         record(0x00E0, le16(0) + le16(164) + std::string(16, '\0'));
}

}  // namespace

TEST_CASE("sheet: xls numbers as NUMBER, RK and MULRK") {
  const std::string records =
      number(0, 0, 2.5) + record(kRk, cell(0, 1) + le32(12345U << 2 | 2)) +
      record(kRk, cell(0, 2) + le32(static_cast<std::uint32_t>(-5 * 4) | 2)) +
      record(kRk, cell(0, 3) + le32(12345U << 2 | 3)) + record(kRk, cell(0, 4) + le32(0x3FF00000)) +
      record(kRk, cell(0, 5) + le32(0x3FF00001)) +
      record(kMulRk, le16(1) + le16(2) + le16(0) + le32(7U << 2 | 2) + le16(0) + le32(8U << 2 | 2) +
                         le16(3));
  CHECK(read(records) == Lines{"1: A=2.5 B=12345 C=-5 D=123.45 E=1 F=0.01", "2: C=7 D=8"});
}

TEST_CASE("sheet: xls blank cells are no cells, and rows of them no rows") {
  const std::string records = record(kBlank, cell(0, 0)) + number(1, 1, 1) +
                              record(kMulBlank, le16(2) + le16(0) + le16(0) + le16(0) + le16(1)) +
                              record(kLabel, cell(3, 0) + compressed("")) +
                              record(kMulBlank, le16(2) + le16(0) + le16(0) + le16(0) + le16(1)) +
                              number(7, 0, 2);
  CHECK(read(records) == Lines{"2: B=1", "8: A=2"});
}

TEST_CASE("sheet: xls text as LABEL, RSTRING and LABELSST") {
  const std::string sst = record(kSst, le32(2) + le32(2) + compressed("shared") + wide(u"\u20AC"));
  const std::string records =
      record(kLabel, cell(0, 0) + compressed("caf\xE9")) +
      record(kLabel, cell(0, 1) + wide(u"\u0416\U0001F600")) +
      record(kRString, cell(0, 2) + compressed("rich") + le16(1) + le32(0)) +
      record(kLabelSst, cell(0, 3) + le32(1)) + record(kLabelSst, cell(0, 4) + le32(0));
  CHECK(read(records, sst) == Lines{"1: A=\"caf\u00E9\" B=\"\u0416\U0001F600\" C=\"rich\" "
                                    "D=\"\u20AC\" E=\"shared\""});
}

TEST_CASE("sheet: xls booleans and errors") {
  std::string records;
  unsigned column = 0;
  for (const unsigned code : {0x00, 0x07, 0x0F, 0x17, 0x1D, 0x24, 0x2A, 0x2B, 0x77}) {
    records += record(kBoolErr, cell(0, column++) + le8(code) + le8(1));
  }
  records += record(kBoolErr, cell(1, 0) + le8(1) + le8(0)) +
             record(kBoolErr, cell(1, 1) + le8(0) + le8(0));
  CHECK(read(records) == Lines{"1: A=#NULL! B=#DIV/0! C=#VALUE! D=#REF! E=#NAME? F=#NUM! G=#N/A "
                               "H=#GETTING_DATA I=#UNKNOWN!",
                               "2: A=TRUE B=FALSE"});
}

TEST_CASE("sheet: xls numbers that are none become the error that Excel shows") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK(read(number(0, 0, nan) + number(0, 1, -infinite)) == Lines{"1: A=#NUM! B=#NUM!"});
}

TEST_CASE("sheet: xls formulas give their cached results") {
  const std::string with_number =
      record(kFormula, cell(0, 0) + le_double(1.5) + le16(0) + le32(0) + le16(0));
  const std::string records = with_number + formula(0, 1, 0) + record(kString, compressed("text")) +
                              formula(0, 2, 1, 1) + formula(0, 3, 2, 0x2A) + formula(0, 4, 3) +
                              number(0, 5, 9);
  CHECK(read(records) == Lines{"1: A=1.5 B=\"text\" C=TRUE D=#N/A F=9"});
}

TEST_CASE("sheet: xls formula text behind SHRFMLA and ARRAY, and over CONTINUE records") {
  const std::string records = formula(0, 0, 0) + record(kShrFmla, std::string(10, '\0')) +
                              record(kString, compressed("shared")) + formula(0, 1, 0) +
                              record(kArray, std::string(12, '\0')) +
                              record(kString, compressed("array")) + formula(1, 0, 0) +
                              record(kString, le16(6) + le8(0) + "abc") +
                              record(kContinue, le8(1) + utf16(u"d\u20ACf"));
  CHECK(read(records) == Lines{"1: A=\"shared\" B=\"array\"", "2: A=\"abcd\u20ACf\""});
}

TEST_CASE("sheet: xls formula text that is empty or missing is no cell") {
  const std::string records = formula(0, 0, 0) + record(kString, compressed("")) +
                              formula(0, 1, 0) + number(0, 2, 1) +
                              record(kString, compressed("of no formula"));
  CHECK(read(records) == Lines{"1: C=1"});
}

TEST_CASE("sheet: xls dates by their number format, in both date systems") {
  const std::string date = formats("yyyy\\-mm\\-dd");
  const std::string records = number(0, 0, 36971, 1) + number(0, 1, 36971) + number(0, 2, 5, 99);
  CHECK(read(records, date) == Lines{"1: A=date 36971 B=36971 C=5"});
  const std::string date1904 = record(0x0022, le16(1));
  CHECK(read(records, date + date1904) == Lines{"1: A=date 38433 B=36971 C=5"});
  CHECK(read(records, formats("yy-m-d h:mm")) == Lines{"1: A=date-time 36971 B=36971 C=5"});
  // A time of day has no date that could begin at another day.
  CHECK(read(number(0, 0, 0.5, 1), formats("h:mm") + date1904) == Lines{"1: A=time 0.5"});
}

TEST_CASE("sheet: xls cells in any order within the row, the later of two in one place") {
  const std::string records = number(0, 3, 4) + number(0, 1, 2) +
                              record(kLabel, cell(0, 2) + compressed("c")) + number(0, 1, 9) +
                              number(1, 0, 1);
  CHECK(read(records) == Lines{"1: B=9 C=\"c\" D=4", "2: A=1"});
}

TEST_CASE("sheet: xls cells of a chart within the sheet are not the sheet's") {
  const std::string chart = bof(0x0020) + number(0, 7, 77) + bof(0x0020) + eof() + eof();
  CHECK(read(number(0, 0, 1) + chart + number(1, 0, 2)) == Lines{"1: A=1", "2: A=2"});
}

TEST_CASE("sheet: xls errors name the file, the sheet and the row") {
  const std::string falling = read_damage(number(6, 0, 1) + number(2, 0, 1));
  CHECK(holds(falling,
              "book.xls: sheet 'Sheet1', row 3: found behind row 7, expected rows in "
              "rising order"));
  CHECK(holds(read_damage(record(kLabelSst, cell(1, 1) + le32(5))),
              "row 2: cell B2 refers to shared string 5 of 0"));
  CHECK(holds(read_damage(record(kNumber, cell(4, 0) + "1234")),
              "row 5: found 10 bytes, expected at least 14"));
  CHECK(holds(read_damage(number(0, 16384, 1)), "found column 16385, expected at most 16384"));
}

TEST_CASE("sheet: xls row without end of columns is refused") {
  std::string records;
  for (unsigned i = 0; i < 66000; ++i) records += number(0, i % 256, 1);
  CHECK(holds(read_damage(records), "more than 65536 cells"));
}

TEST_CASE("sheet: xls cells that stand column by column are sorted where that is asked for") {
  const TemporaryFile file("book.xls", xls_file(record(0x0203, cell(0, 0) + le_double(1)) +
                                                record(0x0204, cell(1, 0) + compressed("two")) +
                                                record(0x0203, cell(0, 1) + le_double(3)) +
                                                record(0x0203, cell(1, 1) + le_double(4))));
  const auto workbook = open_workbook(file.path());
  CHECK_THROWS_AS(lines_of(*workbook->rows(0)), RowsOutOfOrder);
  CHECK(lines_of(*workbook->rows(0, RowOrder::sorted)) ==
        std::vector<std::string>{"1: A=1 B=3", "2: A=\"two\" B=4"});
}

}  // namespace prism::sheet::test
