#include <string>
#include <vector>

#include "fake_rows.hpp"
#include "support/thrown.hpp"

namespace prism::gellish {
namespace {

using namespace test;
using prism::test::Thrown;
using prism::test::thrown_by;

const Source kSource{"sample.xls", "Facts"};

struct Shown {
  ColumnId id;
  std::uint32_t position;
  bool operator==(const Shown&) const = default;
};

std::vector<Shown> columns_of(FakeRows rows, TableForm form = TableForm::workbook) {
  KeptIssues issues;
  const Table table(rows, kSource, form, issues);
  std::vector<Shown> columns;
  for (const Column& column : table.header().columns)
    columns.push_back({column.id, column.position});
  return columns;
}

Thrown header_error(FakeRows rows, TableForm form = TableForm::workbook) {
  KeptIssues issues;
  const Thrown thrown = thrown_by([&] { Table(rows, kSource, form, issues); });
  CHECK(thrown.code == ErrorCode::bad_data);
  return thrown;
}

/// The rows of a table, each as its row number and the text of its first field.
std::vector<std::string> rows_of(FakeRows rows, TableForm form) {
  KeptIssues issues;
  Table table(rows, kSource, form, issues);
  std::vector<std::string> found;
  Record record;
  while (table.next(record)) {
    found.push_back(std::to_string(record.row()) + ":" + std::string(record.fields()[0].text));
  }
  return found;
}

}  // namespace

TEST_CASE("gellish: columns are known by their IDs, wherever they stand") {
  CHECK(columns_of(worksheet({"60", "", "1", "15", "", "2"})) ==
        std::vector<Shown>{{60, 0}, {1, 2}, {15, 3}, {2, 5}});
  CHECK(columns_of(worksheet({"1", "2", "15", "60", "999"})).back() == Shown{999, 4});
}

TEST_CASE("gellish: column IDs may be numbers or texts") {
  CHECK(columns_of(worksheet({number(1), " 2 ", "15.0", number(60), "0"})) ==
        std::vector<Shown>{{1, 0}, {2, 1}, {15, 2}, {60, 3}, {0, 4}});
}

TEST_CASE("gellish: columns are found in a header, others are not") {
  KeptIssues issues;
  FakeRows rows = worksheet({"60", "1", "15", "2", "9", "69", "0", "62"});
  const Table table(rows, kSource, TableForm::workbook, issues);
  CHECK(table.header().find(60) == 0);
  CHECK(table.header().find(2) == 3);
  CHECK(table.header().find(3) == -1);
  CHECK(table.header().columns[0].kind == ValueKind::uid);
  CHECK(table.header().columns[4].kind == ValueKind::date);
  CHECK(table.header().columns[5].kind == ValueKind::uid);
  CHECK(table.header().columns[6].kind == ValueKind::integer);
  CHECK(table.header().columns[7].kind == ValueKind::text);
  CHECK(table.source().file == "sample.xls");
}

TEST_CASE("gellish: a column ID that is not a whole number is named by its cell") {
  struct Row {
    Content id;
    const char* found;
  };
  const Row rows[] = {
      {"left", "'left'"},
      {"1.5", "'1.5'"},
      {"-2", "'-2'"},
      {"2,5", "'2,5'"},
      {"02", "'02'"},
      {number(2.5), "'2.5'"},
      {number(-2), "'-2'"},
      {number(1e9), "'1000000000'"},
      {cell_error("#REF!"), "'#REF!'"},
      {boolean(true), "'TRUE'"},
      {date(36971), "'2001-03-21'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.found);
    CHECK(header_error(worksheet({"1", "2", row.id, "15", "60"})).message ==
          std::string("sample.xls: sheet 'Facts', cell C2: column ID expected, a whole number such "
                      "as 69, found ") +
              row.found);
  }
}

TEST_CASE("gellish: a repeated column ID is named by both cells") {
  CHECK(header_error(worksheet({"1", "2", "15", "60", "", number(2)})).message ==
        "sample.xls: sheet 'Facts', cell F2: column ID 2 stands twice, also in B2");
  CHECK(header_error(worksheet({"1", "2", "15", "60", "62", "62"})).says("cell F2: column ID 62"));
}

TEST_CASE("gellish: a caption or a value without a column ID is named by the cell of the ID") {
  FakeRows captions{{"Title"}, {"1", "2", "15", "60"}, {"a", "b", "c", "d", "", "Remarks"}};
  CHECK(header_error(captions).message ==
        "sample.xls: sheet 'Facts', cell F2: column ID missing above the caption 'Remarks'");
  FakeRows rows = worksheet({"1", "2", "15", "60"});
  rows.add({"5", "6", "7", "8", " ", "lost"});
  KeptIssues issues;
  Table table(rows, kSource, TableForm::workbook, issues);
  Record record;
  const Thrown thrown = thrown_by([&] { table.next(record); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.message ==
        "sample.xls: sheet 'Facts', cell F2: column ID missing, but F4 holds 'lost'");
}

TEST_CASE("gellish: blank cells beside the table are no columns") {
  FakeRows rows{{"Title"},
                {"1", "2", "15", "60", "  "},
                {"a", "b", "c", "d", " "},
                {"1", "2", "3", "4", "\t"}};
  CHECK(rows_of(rows, TableForm::workbook) == std::vector<std::string>{"4:1"});
}

TEST_CASE("gellish: the four identifying columns must be there") {
  struct Row {
    FakeRows::Line ids;
    const char* missing;
  };
  const Row rows[] = {
      {{"2", "15", "60"}, "column ID 1 (fact_uid) is missing in row 2"},
      {{"1", "15", "60"}, "column ID 2 (lh_object_uid) is missing in row 2"},
      {{"1", "2", "60"}, "column ID 15 (rh_object_uid) is missing in row 2"},
      {{"1", "2", "15"}, "column ID 60 (rel_type_uid) is missing in row 2"},
  };
  for (const Row& row : rows) {
    CHECK(header_error(worksheet(row.ids)).message ==
          std::string("sample.xls: sheet 'Facts', cell A2: ") + row.missing);
  }
}

TEST_CASE("gellish: a sheet without column IDs in row 2 is refused") {
  const char* const expected = "sample.xls: sheet 'Facts', cell A2: no column IDs in row 2";
  CHECK(header_error({}).message == expected);
  CHECK(header_error({{"Title"}}).message == expected);
  CHECK(header_error({{"Title"}, {}, {"1", "2", "15", "60"}}).message == expected);
  CHECK(header_error({{}, {}, {}, {"1", "2", "15", "60"}}).message == expected);
  CHECK(header_error({{"1", "2", "15", "60"}, {"a", "b", "c", "d"}}).says("found 'a'"));
}

TEST_CASE("gellish: a title may be blank and captions may be missing") {
  const FakeRows no_title{{}, {"1", "2", "15", "60"}, {"a", "b", "c", "d"}, {"5", "6", "7", "8"}};
  CHECK(rows_of(no_title, TableForm::workbook) == std::vector<std::string>{"4:5"});
  const FakeRows no_captions{{"Title"}, {"1", "2", "15", "60"}, {}, {"5", "6", "7", "8"}};
  CHECK(rows_of(no_captions, TableForm::workbook) == std::vector<std::string>{"4:5"});
  const FakeRows no_rows{{"Title"}, {"1", "2", "15", "60"}};
  CHECK(rows_of(no_rows, TableForm::workbook).empty());
}

TEST_CASE("gellish: data of a worksheet begin in row 4, even if row 3 holds numbers") {
  const FakeRows rows{
      {"Title"}, {"1", "2", "15", "60"}, {"1", "2", "3", "4"}, {"5", "6", "7", "8"}};
  CHECK(rows_of(rows, TableForm::workbook) == std::vector<std::string>{"4:5"});
}

TEST_CASE("gellish: a CSV file has its column IDs in row 1 and data from row 2") {
  const FakeRows rows{{"1", "2", "15", "60"}, {"5", "6", "7", "8"}, {"9", "6", "7", "8"}};
  CHECK(rows_of(rows, TableForm::csv) == std::vector<std::string>{"2:5", "3:9"});
  CHECK(rows_of({{"1", "2", "15", "60"}}, TableForm::csv).empty());
}

TEST_CASE("gellish: a typo in the column IDs of a CSV file is named in row 1") {
  KeptIssues issues;
  FakeRows rows{{"1", "2", "left", "15", "60"}, {"5", "6", "7", "8", "9"}};
  CHECK(thrown_by([&] {
          Table(rows, {"0.csv", ""}, TableForm::csv, issues);
        }).message ==
        "0.csv: cell C1: column ID expected, a whole number such as 69, found 'left'");
}

TEST_CASE("gellish: a CSV file with a title is read as a worksheet") {
  FakeRows rows = worksheet({"1", "2", "15", "60"});
  rows.add({"5", "6", "7", "8"});
  CHECK(rows_of(rows, TableForm::csv) == std::vector<std::string>{"4:5"});
}

TEST_CASE("gellish: errors in the header of a CSV file name no sheet") {
  KeptIssues issues;
  FakeRows doubled{{"1", "2", "15", "60", "2"}, {"5", "6", "7", "8", "9"}};
  CHECK(thrown_by([&] {
          Table(doubled, {"0.csv", ""}, TableForm::csv, issues);
        }).message == "0.csv: cell E1: column ID 2 stands twice, also in B1");
  FakeRows missing{{"1", "2", "15"}, {"5", "6", "7"}};
  CHECK(thrown_by([&] {
          Table(missing, {"0.csv", ""}, TableForm::csv, issues);
        }).message == "0.csv: cell A1: column ID 60 (rel_type_uid) is missing in row 1");
  FakeRows empty{};
  CHECK(thrown_by([&] {
          Table(empty, {"0.csv", ""}, TableForm::csv, issues);
        }).code == ErrorCode::bad_data);
}

TEST_CASE("gellish: wholly blank rows are skipped but counted") {
  FakeRows rows = worksheet({"1", "2", "15", "60"});
  rows.add({});
  rows.add({"5", "6", "7", "8"});
  rows.add({" ", "\t", "\xC2\xA0"});
  rows.add({"", "", "9", ""});
  CHECK(rows_of(rows, TableForm::workbook) == std::vector<std::string>{"5:5", "7:"});
}

}  // namespace prism::gellish
