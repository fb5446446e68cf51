#include <doctest/doctest.h>

#include <prism/sheet/iso_date.hpp>

namespace prism::sheet::test {
namespace {

void check_date(const char* text, CellType type, double days) {
  CAPTURE(text);
  const auto date = parse_iso_date(text);
  REQUIRE(date);
  CHECK(date->type == type);
  CHECK(date->days == doctest::Approx(days).epsilon(1e-12));
}

}  // namespace

TEST_CASE("sheet: dates in ISO 8601 as days of the 1900 date system") {
  check_date("1900-01-01", CellType::date, 1);
  check_date("1900-02-28", CellType::date, 59);
  check_date("1900-03-01", CellType::date, 61);
  check_date("2001-03-21", CellType::date, 36971);
  check_date("9999-12-31", CellType::date, 2958465);
  check_date("2001-03-21T00:00:00", CellType::date_time, 36971);
  check_date("2001-03-21T10:15:30.25Z", CellType::date_time, 36971 + 36930.25 / 86400);
  check_date("2001-03-21T10:15", CellType::date_time, 36971 + 36900.0 / 86400);
  check_date("18:00:00", CellType::time, 0.75);
  check_date("06:00", CellType::time, 0.25);
}

TEST_CASE("sheet: texts that are no dates in ISO 8601") {
  for (const char* text :
       {"", "2001", "2001-3-21", "2001-02-29", "2001-13-01", "01-03-21", "2001-03-21 10:15:00",
        "2001-03-21T", "2001-03-21T25:00", "2001-03-21T10:60", "10:15:30.", "10:15:3", "10",
        "2001-03-21x", "10:15:30+02:00", "+001-03-21", "2001-03-21T10:15:30.1e5"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_iso_date(text));
  }
}

}  // namespace prism::sheet::test
