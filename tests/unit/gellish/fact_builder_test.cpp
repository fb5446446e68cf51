#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <prism/gellish/fact_builder.hpp>

#include "fake_rows.hpp"

namespace prism::gellish {
namespace {

using namespace test;

std::string shown(const Value& value) {
  switch (value.type) {
    case Value::Type::null:
      return "null";
    case Value::Type::number:
      return std::to_string(value.number);
    case Value::Type::text:
      break;
  }
  return "'" + std::string(value.text) + "'";
}

/// The facts of a worksheet, each as its values with the names of their columns.
std::vector<std::string> facts_of(FakeRows::Line ids, std::vector<FakeRows::Line> lines) {
  FakeRows rows = worksheet(std::move(ids));
  for (auto& line : lines) rows.add(std::move(line));
  KeptIssues issues;
  Table table(rows, {"sample.xls", "Facts"}, TableForm::workbook, issues);
  const FactBuilder builder(table.header());
  FactBatch batch(builder.layout());
  Record record;
  while (table.next(record)) builder.add(record, batch);
  std::vector<std::string> facts;
  for (std::size_t row = 0; row < batch.rows(); ++row) {
    std::string fact;
    for (std::size_t i = 0; i < batch.layout().width(); ++i) {
      const bool extra = i == batch.layout().properties.size();
      fact += (i == 0 ? "" : " ");
      fact += extra ? "extra" : info(batch.layout().properties[i]).name;
      fact += "=" + shown(batch.at(row, i));
    }
    facts.push_back(fact);
  }
  return facts;
}

std::string fact_of(FakeRows::Line ids, FakeRows::Line line) {
  const auto facts = facts_of(std::move(ids), {std::move(line)});
  REQUIRE(facts.size() == 1);
  return facts[0];
}

const std::string kStart = "lh_object_uid=2 fact_uid=1 rel_type_uid=4 rh_object_uid=3";

}  // namespace

TEST_CASE("gellish: facts have the properties of their columns in the order of the store") {
  CHECK(fact_of({"60", "15", "101", "2", "1", "9", "0", "44"},
                {"1146", "910,036", "pump", "20", "5.0", "21-Mar-01", "-1", "1,1"}) ==
        "sequence=-1 lh_object_uid=20 lh_cardinalities='1,1' lh_object_name='pump' fact_uid=5 "
        "rel_type_uid=1146 rh_object_uid=910036 effective_from='2001-03-21'");
}

TEST_CASE("gellish: blank and unreadable values are nothing") {
  CHECK(fact_of({"1", "2", "15", "60", "69", "9", "101"}, {"1", "2", "3", "4"}) ==
        "language_uid=null lh_object_uid=2 lh_object_name=null fact_uid=1 rel_type_uid=4 "
        "rh_object_uid=3 effective_from=null");
  CHECK(fact_of({"1", "2", "15", "60", "69", "9", "0"},
                {"1", "2", "3", "4", "English", "spring", "first"}) ==
        "sequence=null language_uid=null " + kStart + " effective_from=null");
}

TEST_CASE("gellish: cell errors are text in text columns and nothing elsewhere") {
  CHECK(
      fact_of({"1", "2", "15", "60", "4", "9", "69"},
              {"1", "2", "3", "4", cell_error("#REF!"), cell_error("#REF!"), cell_error("#N/A")}) ==
      "language_uid=null " + kStart + " full_definition='#REF!' effective_from=null");
}

TEST_CASE("gellish: the successor is column 78, else 67") {
  const FakeRows::Line both{"1", "2", "15", "60", "67", "78"};
  CHECK(fact_of(both, {"1", "2", "3", "4", "67", "78"}) == kStart + " successor_uid=78");
  CHECK(fact_of(both, {"1", "2", "3", "4", "67", ""}) == kStart + " successor_uid=67");
  CHECK(fact_of(both, {"1", "2", "3", "4", "", "78"}) == kStart + " successor_uid=78");
  CHECK(fact_of(both, {"1", "2", "3", "4", "", ""}) == kStart + " successor_uid=null");
  CHECK(fact_of({"1", "2", "15", "60", "67"}, {"1", "2", "3", "4", "67"}) ==
        kStart + " successor_uid=67");
  CHECK(fact_of({"1", "2", "15", "60", "78"}, {"1", "2", "3", "4", "78"}) ==
        kStart + " successor_uid=78");
}

TEST_CASE("gellish: unknown columns are kept in one JSON object, by column ID") {
  const FakeRows::Line ids{"1", "2", "15", "60", "110", "62", "1000"};
  CHECK(fact_of(ids, {"1", "2", "3", "4", "say \"hi\"", "N", number(1.5)}) ==
        kStart + R"( extra='{"62":"N","110":"say \"hi\"","1000":"1.5"}')");
  CHECK(fact_of(ids, {"1", "2", "3", "4", "", "two\nlines d\xC3\xA9j\xC3\xA0"}) ==
        kStart + " extra='{\"62\":\"two\\nlines d\xC3\xA9j\xC3\xA0\"}'");
  CHECK(fact_of(ids, {"1", "2", "3", "4"}) == kStart + " extra=null");
}

TEST_CASE("gellish: a batch holds many facts and can be emptied") {
  const auto facts =
      facts_of({"1", "2", "15", "60", "101"},
               {{"1", "2", "3", "4", "a"}, {"2", "2", "3", "4"}, {"3", "2", "3", "4", "c"}});
  REQUIRE(facts.size() == 3);
  CHECK(facts[1].find("lh_object_name=null fact_uid=2") != std::string::npos);
  CHECK(facts[2].find("lh_object_name='c' fact_uid=3") != std::string::npos);
  FactBatch batch({{Property::fact_uid, Property::author}, true});
  CHECK(batch.rows() == 0);
  batch.add_number(7);
  batch.add_text("");
  batch.add_null();
  CHECK(batch.rows() == 1);
  CHECK(batch.bytes() == 0);
  CHECK(shown(batch.at(0, 1)) == "''");
  CHECK(batch.at(0, 2) == Value{});
  batch.clear();
  CHECK(batch.rows() == 0);
  CHECK(batch.layout().width() == 3);
}

}  // namespace prism::gellish
