#include <memory>
#include <string>
#include <vector>

#include <prism/uid/scan.hpp>

#include "support/thrown.hpp"
#include "unit/gellish/fake_rows.hpp"

namespace prism::uid {
namespace {

using gellish::Record;
using gellish::Table;
using gellish::test::FakeRows;
using gellish::test::KeptIssues;
using gellish::test::worksheet;
using Line = FakeRows::Line;
using Numbers = std::vector<std::pair<Uid, Kind>>;

const Limits kLimits{100, 1000, 2000};

/// A worksheet that can be read twice, as the two passes do.
struct Sheet {
  Line ids;
  std::vector<Line> lines;

  FakeRows rows() const {
    FakeRows all = worksheet(ids);
    for (const Line& line : lines) all.add(line);
    return all;
  }
};

Scan scan_of(const Sheet& sheet) {
  FakeRows rows = sheet.rows();
  KeptIssues issues;
  Table table(rows, {"a.xls", "Facts"}, gellish::TableForm::workbook, issues);
  Scan scan(table.header(), kLimits);
  Record record;
  while (table.next(record)) scan.add(record);
  return scan;
}

Numbers temporaries_of(const Sheet& sheet) {
  Numbers numbers;
  for (const Temporary& one : scan_of(sheet).temporaries())
    numbers.emplace_back(one.number, one.kind);
  return numbers;
}

/// The rows with permanent UIDs, each as its texts with `|` between.
std::vector<std::string> resolved(const Sheet& sheet, std::vector<Temporary> temporaries,
                                  Assigned assigned) {
  FakeRows rows = sheet.rows();
  KeptIssues issues;
  Table table(rows, {"a.xls", "Facts"}, gellish::TableForm::workbook, issues);
  Resolver resolver(table.header(), kLimits, temporaries, std::move(assigned));
  std::vector<std::string> lines;
  Record record;
  while (table.next(record)) {
    resolver.resolve(record);
    std::string line;
    for (const auto& field : record.fields()) line += std::string(field.text) + "|";
    lines.push_back(line);
  }
  return lines;
}

const Line kIds{"1", "2", "15", "60"};

}  // namespace

TEST_CASE("uid: a temporary UID is a fact if it stands in column 1 anywhere, else an entity") {
  const Sheet sheet{
      kIds, {{"5", "7", "8", "1146"}, {"500", "5", "99", "9"}, {"501", "7", "910036", "7"}}};
  CHECK(temporaries_of(sheet) == Numbers{{5, Kind::fact},
                                         {7, Kind::entity},
                                         {8, Kind::entity},
                                         {9, Kind::entity},
                                         {99, Kind::entity}});
  CHECK_FALSE(scan_of(sheet).needs_nothing());
}

TEST_CASE("uid: a column is known by its ID when temporary UIDs are collected") {
  CHECK(temporaries_of({{"60", "101", "15", "1", "2"}, {{"9", "x", "8", "5", "7"}}}) ==
        Numbers{{5, Kind::fact}, {7, Kind::entity}, {8, Kind::entity}, {9, Kind::entity}});
}

TEST_CASE("uid: a small number in a reference column alone is no temporary UID") {
  const Sheet sheet{{"1", "2", "15", "60", "69", "6"}, {{"500", "501", "502", "503", "5", "6"}}};
  CHECK(temporaries_of(sheet).empty());
  CHECK(scan_of(sheet).needs_nothing());
  CHECK(resolved(sheet, {}, {}) == std::vector<std::string>{"500|501|502|503|5|6|"});
}

TEST_CASE("uid: references are resolved where an identifying column uses the number too") {
  const Sheet sheet{{"1", "2", "15", "60", "69", "6", "44"},
                    {{"500", "7", "502", "503", "7", "8", "7"}}};
  CHECK(temporaries_of(sheet) == Numbers{{7, Kind::entity}});
  CHECK(resolved(sheet, {{7, Kind::entity}}, {{1007}, {}, 1}) ==
        std::vector<std::string>{"500|1007|502|503|1007|8|7|"});
}

TEST_CASE("uid: the limit itself is not temporary") {
  const Sheet sheet{kIds, {{"100", "99", "100", "101"}}};
  CHECK(temporaries_of(sheet) == Numbers{{99, Kind::entity}});
}

TEST_CASE("uid: the highest UID in each range is found in every UID column") {
  const Scan scan = scan_of({{"1", "2", "15", "60", "69", "78", "44"},
                             {{"1500", "1001", "910", "1146", "1700", "", "5000"},
                              {"2001", "2700", "1", "1146", "", "2900", ""}}});
  CHECK(scan.highest().of(Kind::entity) == 1700);
  CHECK(scan.highest().of(Kind::fact) == 2900);
}

TEST_CASE("uid: an unreadable reference counts for nothing") {
  const Scan scan = scan_of({{"1", "2", "15", "60", "69"}, {{"500", "501", "502", "503", "1,1"}}});
  CHECK(scan.needs_nothing());
  CHECK(scan.highest().of(Kind::entity) == 0);
}

TEST_CASE("uid: rows without a fact UID are told apart by content and occurrence") {
  const auto blanks = scan_of({kIds,
                               {{"", "1", "2", "3"},
                                {"", "1", "2", "4"},
                                {"77", "1", "2", "3"},
                                {" ", "1", "2", "3"},
                                {"", "1", "2", "3"}}})
                          .blanks();
  REQUIRE(blanks.size() == 4);
  CHECK(blanks[0].occurrence == 0);
  CHECK(blanks[1].occurrence == 0);
  CHECK(blanks[2].occurrence == 1);
  CHECK(blanks[3].occurrence == 2);
  CHECK(blanks[0].content == blanks[2].content);
  CHECK(blanks[0].content == blanks[3].content);
  CHECK(blanks[0].content != blanks[1].content);
}

TEST_CASE("uid: the order of columns and blank columns don't change a row's content") {
  const auto hash = [](const Line& ids, const Line& line) {
    const auto blanks = scan_of({ids, {line}}).blanks();
    REQUIRE(blanks.size() == 1);
    return blanks[0].content;
  };
  const auto plain = hash({"1", "2", "15", "60", "101"}, {"", "1", "2", "3", "pump"});
  CHECK(hash({"101", "60", "15", "2", "1"}, {"pump", "3", "2", "1", ""}) == plain);
  CHECK(hash({"1", "2", "44", "15", "60", "101"}, {"", "1", "", "2", "3", "pump"}) == plain);
  CHECK(hash({"1", "2", "15", "60", "201"}, {"", "1", "2", "3", "pump"}) != plain);
  CHECK(hash({"1", "2", "15", "60", "101"}, {"", "2", "1", "3", "pump"}) != plain);
  CHECK(hash({"1", "2", "15", "60", "101"}, {"", "1", "2", "3", "Pump"}) != plain);
}

TEST_CASE("uid: how a value is written doesn't change a row's content") {
  const auto hash = [](const Line& line) {
    return scan_of({{"1", "2", "15", "60", "9"}, {line}}).blanks().at(0).content;
  };
  CHECK(hash({"", "910,036", "2", "3.0", "21-Mar-01"}) ==
        hash({"", gellish::test::number(910036), " 2 ", "3", gellish::test::date(36971)}));
}

TEST_CASE("uid: permanent UIDs are put in place of temporary and blank ones, in order") {
  const Sheet sheet{{"2", "1", "15", "60"},
                    {{"7", "", "8", "1146"}, {"5", "5", "7", "1146"}, {"910", "", "911", "9"}}};
  const std::vector<Temporary> temporaries{
      {5, Kind::fact}, {7, Kind::entity}, {8, Kind::entity}, {9, Kind::entity}};
  CHECK(resolved(sheet, temporaries, {{2005, 1007, 1008, 1009}, {2100, 2101}, 6}) ==
        std::vector<std::string>{"1007|2100|1008|1146|", "2005|2005|1007|1146|",
                                 "910|2101|911|1009|"});
}

TEST_CASE("uid: more blanks than were counted mean that the input was changed") {
  const Sheet sheet{kIds, {{"", "1", "2", "3"}}};
  const auto thrown = test::thrown_by([&] { resolved(sheet, {}, {}); });
  CHECK(thrown.code == ErrorCode::bad_data);
  CHECK(thrown.says("the input was changed while it was read"));
}

}  // namespace prism::uid
