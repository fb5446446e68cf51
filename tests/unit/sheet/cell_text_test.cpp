#include <limits>

#include <doctest/doctest.h>

#include <prism/sheet/cell_text.hpp>

namespace prism::sheet {
namespace {

std::string text_of(CellType type, double number, std::string_view text = {}) {
  std::string out;
  append_cell_text(out, {0, type, number, text});
  return out;
}

}  // namespace

TEST_CASE("sheet: cells as text: texts, errors, booleans") {
  CHECK(text_of(CellType::text, 0, " a ") == " a ");
  CHECK(text_of(CellType::error, 0, "#REF!") == "#REF!");
  CHECK(text_of(CellType::boolean, 1) == "TRUE");
  CHECK(text_of(CellType::boolean, 0) == "FALSE");
}

TEST_CASE("sheet: cells as text: numbers are the shortest that reads back the same") {
  CHECK(text_of(CellType::number, 5263) == "5263");
  CHECK(text_of(CellType::number, -1) == "-1");
  CHECK(text_of(CellType::number, 0.1 + 0.2) == "0.30000000000000004");
  CHECK(text_of(CellType::number, 9007199254740992.0) == "9007199254740992");
  CHECK(text_of(CellType::number, 1e300) == "1e+300");
  CHECK(text_of(CellType::number, std::numeric_limits<double>::denorm_min()) == "5e-324");
}

TEST_CASE("sheet: cells as text: dates") {
  CHECK(text_of(CellType::date, 36971) == "2001-03-21");
  CHECK(text_of(CellType::date, 1) == "1900-01-01");
  CHECK(text_of(CellType::date, 59) == "1900-02-28");
  CHECK(text_of(CellType::date, 60) == "1900-02-29");
  CHECK(text_of(CellType::date, 61) == "1900-03-01");
  CHECK(text_of(CellType::date, 0) == "1899-12-31");
  CHECK(text_of(CellType::date, 2958465) == "9999-12-31");
}

TEST_CASE("sheet: cells as text: a date keeps its time of day, a time its day") {
  CHECK(text_of(CellType::date, 36971.5) == "2001-03-21 12:00:00");
  CHECK(text_of(CellType::date_time, 36971) == "2001-03-21 00:00:00");
  CHECK(text_of(CellType::time, 0.25) == "06:00:00");
  CHECK(text_of(CellType::time, 1.5) == "1900-01-01 12:00:00");
  CHECK(text_of(CellType::date_time, 0.5) == "1899-12-31 12:00:00");
}

TEST_CASE("sheet: cells as text: times are rounded to seconds before they are taken apart") {
  const double almost = (23 * 3600 + 59 * 60 + 59.7) / 86400;
  CHECK(text_of(CellType::date_time, 36971 + almost) == "2001-03-22 00:00:00");
  CHECK(text_of(CellType::date, 36971 + 0.4 / 86400) == "2001-03-21");
  CHECK(text_of(CellType::time, almost) == "00:00:00");
  CHECK(text_of(CellType::time, 1.0 / 3) == "08:00:00");
}

TEST_CASE("sheet: cells as text: durations may be longer than a day and negative") {
  CHECK(text_of(CellType::duration, 1.5) == "36:00:00");
  CHECK(text_of(CellType::duration, 100) == "2400:00:00");
  CHECK(text_of(CellType::duration, -0.5) == "-12:00:00");
}

TEST_CASE("sheet: cells as text: what no calendar holds stays a number") {
  CHECK(text_of(CellType::date, 2958466) == "2958466");
  CHECK(text_of(CellType::date_time, 2958465.9999999) == "2958465.9999999");
  CHECK(text_of(CellType::date, -1) == "-1");
  CHECK(text_of(CellType::date_time, -0.5) == "-0.5");
  CHECK(text_of(CellType::duration, 1e300) == "1e+300");
  CHECK(text_of(CellType::date, std::numeric_limits<double>::infinity()) == "inf");
}

}  // namespace prism::sheet
