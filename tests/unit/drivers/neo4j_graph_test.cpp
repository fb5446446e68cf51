#include <doctest/doctest.h>

#include <prism/drivers/neo4j/graph.hpp>

namespace prism::neo4j {

TEST_CASE("neo4j: a property is an integer, a date or a string") {
  CHECK(property_type(gellish::ValueKind::integer) == PropertyType::integer);
  CHECK(property_type(gellish::ValueKind::uid) == PropertyType::integer);
  CHECK(property_type(gellish::ValueKind::date) == PropertyType::date);
  CHECK(property_type(gellish::ValueKind::text) == PropertyType::string);
  CHECK(gellish::info(gellish::Property::fact_uid).name == kFactKey);
}

TEST_CASE("neo4j: an unknown column has a property of its own, and no other is taken for one") {
  CHECK(column_property(62) == "column_62");
  CHECK(column_of_property("column_62") == 62);
  CHECK(column_of_property(column_property(0)) == 0);
  for (const auto* name : {"column_", "column_062", "column_6a", "column_-1", "column_99999999999",
                           "columns_62", "COLUMN_62", "62", ""}) {
    CAPTURE(name);
    CHECK_FALSE(column_of_property(name));
  }
}

TEST_CASE("neo4j: unknown columns come by their IDs, which are numbers") {
  const auto columns = unknown_columns(R"({"100":"b\\","62":"a \"quoted\""})");
  REQUIRE(columns.size() == 2);
  CHECK(columns[0] == std::pair(62, std::string("a \"quoted\"")));
  CHECK(columns[1] == std::pair(100, std::string("b\\")));
}

}  // namespace prism::neo4j
