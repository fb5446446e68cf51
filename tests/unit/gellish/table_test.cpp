#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "fake_rows.hpp"

namespace prism::gellish {
namespace {

using namespace test;

const Source kSource{"sample.xls", "Facts"};

/// One cell as a table normalises it.
struct Normalised {
  std::string text;
  std::int64_t number = 0;
  bool readable = true;
  std::vector<Issue> warnings;
};

/// A cell under column `id`, in E4.
Normalised read(const std::string& id, Content content) {
  FakeRows rows = worksheet({"1", "2", "15", "60", Content(id)});
  rows.add({"5", "6", "7", "8", std::move(content)});
  KeptIssues issues;
  Table table(rows, kSource, TableForm::workbook, issues);
  Record record;
  REQUIRE(table.next(record));
  const Field& field = record.fields()[4];
  return {std::string(field.text), field.number, field.readable, issues.warnings};
}

void check_reads(const std::string& id, const Content& content, const std::string& text,
                 std::int64_t number = 0) {
  CAPTURE(text);
  CAPTURE(content.text);
  const Normalised found = read(id, content);
  CHECK(found.text == text);
  CHECK(found.number == number);
  CHECK(found.readable);
  CHECK(found.warnings.empty());
}

void check_unreadable(const std::string& id, const Content& content, const std::string& text,
                      const std::string& reason) {
  CAPTURE(text);
  const Normalised found = read(id, content);
  CHECK(found.text == text);
  CHECK(found.number == 0);
  CHECK_FALSE(found.readable);
  REQUIRE(found.warnings.size() == 1);
  CHECK(describe(found.warnings[0]) ==
        "sample.xls: sheet 'Facts', cell E4 (column " + id + "): " + reason + ": '" + text + "'");
}

const std::string kNoUid = "not a UID (a whole number from 1 to 2^53)";
const std::string kNoDate = "not a date (an Excel date, 21-Mar-01, 03/21/2001 or 2001-03-21)";

/// The column at fault in a row of fact, left, right and relation; 0 for none.
Issue fault_of(const FakeRows::Line& cells) {
  FakeRows rows = worksheet({"1", "2", "15", "60"});
  rows.add(cells);
  KeptIssues issues;
  Table table(rows, kSource, TableForm::workbook, issues);
  Record record;
  REQUIRE(table.next(record));
  CHECK(issues.warnings.empty());
  const RowCheck check(table.header());
  const int field = check.fault(record);
  return field < 0 ? Issue{} : check.issue(table, record, field);
}

}  // namespace

TEST_CASE("gellish: UIDs are read in every form that tables use") {
  for (const char* text : {"910036", "910036.0", "910,036", " 910036 ", "910036.00", "0910036",
                           "\xC2\xA0"
                           "910036\xC2\xA0"}) {
    check_reads("69", text, "910036", 910036);
  }
  check_reads("69", number(910036), "910036", 910036);
  check_reads("69", "1", "1", 1);
  check_reads("69", "1,234,567", "1234567", 1234567);
  check_reads("69", "9007199254740992", "9007199254740992", 9007199254740992);
  check_reads("69", number(9007199254740992.0), "9007199254740992", 9007199254740992);
  check_reads("69", "", "");
  check_reads("69", "  ", "");
}

TEST_CASE("gellish: what is no UID stays as it is in a reference column and is warned of") {
  for (const char* text : {"1,1", "0", "-5", "1.5", "910036.01", "91,0036", "1,23",
                           "9007199254740993", "abc", "1e6", "12 34", "0x10", "+5", "1."}) {
    check_unreadable("69", text, text, kNoUid);
  }
  check_unreadable("69", number(0), "0", kNoUid);
  check_unreadable("69", number(-1), "-1", kNoUid);
  check_unreadable("69", number(1.5), "1.5", kNoUid);
  check_unreadable("69", number(9007199254740994.0), "9007199254740994", kNoUid);
  check_unreadable("69", boolean(true), "TRUE", kNoUid);
  check_unreadable("69", cell_error("#N/A"), "#N/A", "cell error");
}

TEST_CASE("gellish: the sequence is a whole number of either sign") {
  check_reads("0", "12", "12", 12);
  check_reads("0", "0", "0", 0);
  check_reads("0", " -3 ", "-3", -3);
  check_reads("0", number(-3), "-3", -3);
  check_unreadable("0", "twelve", "twelve", "not a whole number");
  check_unreadable("0", number(1.5), "1.5", "not a whole number");
}

TEST_CASE("gellish: text is left alone, commas and numbers in it too") {
  check_reads("44", "1,1", "1,1");
  check_reads("44", "1,n", "1,n");
  check_reads("44", "910,036", "910,036");
  check_reads("101", " two  blanks ", " two  blanks ");
  check_reads("101", "d\xC3\xA9j\xC3\xA0", "d\xC3\xA9j\xC3\xA0");
  check_reads("62", "21-Mar-01", "21-Mar-01");
  check_reads("4", "one\r\ntwo\nthree", "one\ntwo\nthree");
}

TEST_CASE("gellish: numbers, dates and booleans in a text column are written as text") {
  check_reads("44", number(1.5), "1.5");
  check_reads("44", number(1000000), "1000000");
  check_reads("14", boolean(true), "TRUE");
  check_reads("14", boolean(false), "FALSE");
  check_reads("14", date(36971), "2001-03-21");
  check_reads("14", date_time(36971.5), "2001-03-21 12:00:00");
  check_reads("14", date_time(36971.999999), "2001-03-22 00:00:00");
  check_reads("14", time_of_day(0.25), "06:00:00");
  check_reads("14", duration(1.5), "36:00:00");
}

TEST_CASE("gellish: dates are read in all their forms") {
  for (const char* id : {"9", "10", "22", "23"}) {
    for (const char* text : {"21-Mar-01", "03/21/2001", "2001-03-21", " 21-mar-2001 ", "3/21/01"}) {
      check_reads(id, text, "2001-03-21");
    }
    check_reads(id, date(36971), "2001-03-21");
    check_reads(id, date_time(36971.75), "2001-03-21");
    check_reads(id, "", "");
  }
}

TEST_CASE("gellish: two-digit years before 50 are of this century") {
  check_reads("9", "31-Dec-49", "2049-12-31");
  check_reads("9", "01-Jan-50", "1950-01-01");
  check_reads("9", "12/31/00", "2000-12-31");
  check_reads("9", "12/31/99", "1999-12-31");
}

TEST_CASE("gellish: leap days are dates in leap years alone") {
  check_reads("9", "29-Feb-00", "2000-02-29");
  check_reads("9", "2004-02-29", "2004-02-29");
  check_unreadable("9", "29-Feb-01", "29-Feb-01", kNoDate);
  check_unreadable("9", "1900-02-29", "1900-02-29", kNoDate);
}

TEST_CASE("gellish: Excel's day numbers around the day that never was") {
  check_reads("9", date(1), "1900-01-01");
  check_reads("9", date(59), "1900-02-28");
  check_unreadable("9", date(60), "60", kNoDate);
  check_reads("9", date(61), "1900-03-01");
  // 1904-01-01, the day 0 of the other date system, as every reader gives it.
  check_reads("9", date(1462), "1904-01-01");
  check_reads("9", date(2958465), "9999-12-31");
}

TEST_CASE("gellish: what is no date stays as it is and is warned of") {
  for (const char* text : {"spring 2001", "2001", "21.03.2001", "13/01/2001", "2001-13-01"}) {
    check_unreadable("9", text, text, kNoDate);
  }
  check_unreadable("9", number(36971), "36971", kNoDate);
  check_unreadable("9", boolean(true), "TRUE", kNoDate);
  check_unreadable("9", time_of_day(0.5), "12:00:00", kNoDate);
  check_unreadable("9", date(0), "0", kNoDate);
  check_unreadable("9", cell_error("#VALUE!"), "#VALUE!", "cell error");
}

TEST_CASE("gellish: cell errors in text stay as Excel shows them and are warned of") {
  const Normalised found = read("4", cell_error("#REF!"));
  CHECK(found.text == "#REF!");
  CHECK(found.readable);
  REQUIRE(found.warnings.size() == 1);
  const Issue& issue = found.warnings[0];
  CHECK(issue.row == 4);
  CHECK(issue.position == 4);
  CHECK(issue.column == 4);
  CHECK(issue.value == "#REF!");
  CHECK(describe(issue) == "sample.xls: sheet 'Facts', cell E4 (column 4): cell error: '#REF!'");
}

TEST_CASE("gellish: issues of CSV files name no sheet, blank ones no value") {
  CHECK(describe({{"0.csv", ""}, 2, 27, 2, "", "blank UID"}) ==
        "0.csv: cell AB2 (column 2): blank UID");
}

TEST_CASE("gellish: fields are blank where a row has no cell") {
  FakeRows rows = worksheet({"1", "2", "15", "60", "44"});
  rows.add({"1", "2", "3", "4", "1,1"});
  rows.add({"5"});
  KeptIssues issues;
  Table table(rows, kSource, TableForm::workbook, issues);
  Record record;
  REQUIRE(table.next(record));
  CHECK(record.fields()[4].text == "1,1");
  REQUIRE(table.next(record));
  CHECK(record.row() == 5);
  CHECK(record.fields()[0].text == "5");
  for (std::size_t i = 1; i < 5; ++i) {
    CHECK(record.fields()[i].text.empty());
    CHECK(record.fields()[i].number == 0);
    CHECK(record.fields()[i].readable);
  }
  CHECK_FALSE(table.next(record));
  CHECK_FALSE(table.next(record));
}

TEST_CASE("gellish: a number may be put in place of what stands in a field") {
  FakeRows rows = worksheet({"1", "2", "15", "60"});
  rows.add({"", "105", "abc", "4"});
  KeptIssues issues;
  Table table(rows, kSource, TableForm::workbook, issues);
  Record record;
  REQUIRE(table.next(record));
  record.set_number(0, 2000000000);
  record.set_number(1, 9007199254740992);
  record.set_number(2, 7);
  CHECK(record.fields()[0].text == "2000000000");
  CHECK(record.fields()[1].text == "9007199254740992");
  CHECK(record.fields()[1].number == 9007199254740992);
  CHECK(record.fields()[2].readable);
  CHECK(record.fields()[3].text == "4");
}

TEST_CASE("gellish: a row is good with three UIDs and a blank or readable fact UID") {
  CHECK(fault_of({"1", "2", "3", "4"}).column == 0);
  CHECK(fault_of({"", "2", "3", "4"}).column == 0);
  CHECK(fault_of({" ", "910,036", number(3), "4.0"}).column == 0);
}

TEST_CASE("gellish: a row is rejected for the first UID that is blank or can't be read") {
  struct Row {
    FakeRows::Line cells;
    ColumnId column;
    const char* value;
    const char* cell;
  };
  const Row rows[] = {
      {{"1", "", "3", "4"}, 2, "", "B4"},
      {{"1", "2", " ", "4"}, 15, "", "C4"},
      {{"1", "2", "3"}, 60, "", "D4"},
      {{"1", "1,1", "3", "4"}, 2, "1,1", "B4"},
      {{"1", "2", "-3", "4"}, 15, "-3", "C4"},
      {{"1", "2", "3", "0"}, 60, "0", "D4"},
      {{"1", "2", "3", "9007199254740993"}, 60, "9007199254740993", "D4"},
      {{"1", "2", number(2.5), "4"}, 15, "2.5", "C4"},
      {{"1", number(-2), "3", "4"}, 2, "-2", "B4"},
      {{"1", number(0), "3", "4"}, 2, "0", "B4"},
      {{"1", number(1e17), "3", "4"}, 2, "1e+17", "B4"},
      {{"1", cell_error("#REF!"), "3", "4"}, 2, "#REF!", "B4"},
      {{"1", "left", "right", "4"}, 2, "left", "B4"},
      {{"fact", "", "3", "4"}, 1, "fact", "A4"},
      {{"0", "2", "3", "4"}, 1, "0", "A4"},
  };
  for (const Row& row : rows) {
    const Issue issue = fault_of(row.cells);
    CAPTURE(row.cell);
    CAPTURE(row.value);
    CHECK(issue.column == row.column);
    CHECK(issue.value == row.value);
    const std::string reason = *row.value == '\0' ? "blank UID" : kNoUid + ": '" + row.value + "'";
    CHECK(describe(issue) == "sample.xls: sheet 'Facts', cell " + std::string(row.cell) +
                                 " (column " + std::to_string(row.column) + "): " + reason);
  }
}

}  // namespace prism::gellish
