#include <chrono>
#include <limits>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include <prism/base/date.hpp>

namespace prism {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;
using std::chrono::year_month_day;

std::string iso(std::optional<year_month_day> date) {
  if (!date) return "none";
  std::string out;
  append_iso_date(out, *date);
  return out;
}

struct Read {
  const char* text;
  const char* date;
};

}  // namespace

TEST_CASE("base: dates are read in every form of the tables") {
  const Read rows[] = {
      {"21-Mar-01", "2001-03-21"},  {"21-mar-2001", "2001-03-21"}, {"1-JAN-99", "1999-01-01"},
      {"31-Dec-49", "2049-12-31"},  {"31-Dec-50", "1950-12-31"},   {"01-Feb-00", "2000-02-01"},
      {"03/21/2001", "2001-03-21"}, {"3/2/01", "2001-03-02"},      {"12/31/99", "1999-12-31"},
      {"2001-03-21", "2001-03-21"}, {"0001-01-01", "0001-01-01"},  {"9999-12-31", "9999-12-31"},
  };
  for (const Read& row : rows) {
    CAPTURE(row.text);
    CHECK(iso(parse_date(row.text)) == row.date);
  }
}

TEST_CASE("base: the 29th of February is read in leap years only") {
  CHECK(iso(parse_date("29-Feb-00")) == "2000-02-29");
  CHECK(iso(parse_date("2004-02-29")) == "2004-02-29");
  CHECK(iso(parse_date("02/29/2024")) == "2024-02-29");
  CHECK(iso(parse_date("1900-02-29")) == "none");
  CHECK(iso(parse_date("2100-02-29")) == "none");
  CHECK(iso(parse_date("29-Feb-01")) == "none");
}

TEST_CASE("base: what is no date of the calendar is not read") {
  for (const char* text : {"",
                           "2001",
                           "21 March 2001",
                           "21-Mar",
                           "21-March-2001",
                           "21/03/2001",
                           "13/01/2001",
                           "04/31/2001",
                           "2001-00-10",
                           "2001-01-00",
                           "2001-01-32",
                           "2001-3-21",
                           "2001-03-21 ",
                           "2001-03-21T10:00",
                           "2001/03/21",
                           "21.03.2001",
                           "21-Mar-001",
                           "03/21/20011",
                           "a/b/c",
                           "--",
                           "//",
                           "+3/21/2001",
                           "36971"}) {
    CAPTURE(text);
    CHECK(iso(parse_date(text)) == "none");
  }
}

TEST_CASE("base: a sign in a date is not read as a digit") {
  CHECK(iso(parse_date("03/21/-0")) == "none");
  CHECK(iso(parse_date("21-Mar--0")) == "none");
  CHECK(iso(parse_date("03/21/-000")) == "none");
}

TEST_CASE("base: dates are told from other texts of ten characters") {
  CHECK(is_iso_date("2001-03-21"));
  CHECK(is_iso_date("2000-02-29"));
  CHECK_FALSE(is_iso_date("2001-02-29"));
  CHECK_FALSE(is_iso_date("2001-13-01"));
  CHECK_FALSE(is_iso_date("2001/03/21"));
  CHECK_FALSE(is_iso_date("2001-3-021"));
  CHECK_FALSE(is_iso_date("2001-03-2"));
  CHECK_FALSE(is_iso_date("-001-03-21"));
  CHECK_FALSE(is_iso_date("20-1-03-21"));
  CHECK_FALSE(is_iso_date("2001-03-2-"));
  CHECK_FALSE(is_iso_date(""));
}

TEST_CASE("base: day numbers of the 1900 system skip the day that never was") {
  CHECK(iso(date_of_serial(1)) == "1900-01-01");
  CHECK(iso(date_of_serial(31)) == "1900-01-31");
  CHECK(iso(date_of_serial(59)) == "1900-02-28");
  CHECK(iso(date_of_serial(60)) == "none");
  CHECK(iso(date_of_serial(60.9)) == "none");
  CHECK(iso(date_of_serial(61)) == "1900-03-01");
  CHECK(iso(date_of_serial(36971)) == "2001-03-21");
  CHECK(iso(date_of_serial(36971.999)) == "2001-03-21");
  CHECK(iso(date_of_serial(2958465)) == "9999-12-31");
}

TEST_CASE("base: day numbers outside the years 1900 to 9999 are no dates") {
  for (const double serial : {0.0, 0.99, -1.0, 2958466.0, 1e300, -1e300}) {
    CAPTURE(serial);
    CHECK(iso(date_of_serial(serial)) == "none");
  }
  CHECK(iso(date_of_serial(std::numeric_limits<double>::quiet_NaN())) == "none");
}

TEST_CASE("base: times are written in UTC, cut to seconds, and read back") {
  const auto time = sys_days{std::chrono::year{2026} / 11 / 21} + 10h + 15min + 7s;
  CHECK(format_utc(time + 999ms) == "2026-11-21T10:15:07Z");
  CHECK(format_utc(std::chrono::system_clock::time_point{}) == "1970-01-01T00:00:00Z");
  CHECK(format_utc(sys_days{std::chrono::year{1969} / 12 / 31} + 23h) == "1969-12-31T23:00:00Z");
  CHECK(parse_utc("2026-11-21T10:15:07Z") == time);
}

TEST_CASE("base: what is no time in UTC is not read") {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21 10:15:07Z", "2026-11-21T10:15:07", "2026-11-21T10:15:07+",
        "2026-02-30T10:15:07Z", "2026-11-21T1a:15:07Z", "2026-11-21T10-15-07Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_utc(text).has_value());
  }
}

TEST_CASE("base: hours, minutes and seconds beyond the clock are not read") {
  CHECK_FALSE(parse_utc("2026-11-21T24:00:00Z").has_value());
  CHECK_FALSE(parse_utc("2026-11-21T10:60:00Z").has_value());
  CHECK_FALSE(parse_utc("2026-11-21T10:15:61Z").has_value());
  CHECK_FALSE(parse_utc("03/21/2001T10:15:07Z").has_value());
}

TEST_CASE("base: moments are read as people write them, and put in UTC") {
  CHECK(parse_moment("2026-11-21 10:15") == "2026-11-21T10:15:00.000000Z");
  CHECK(parse_moment("2026-11-21T10:15:07Z") == "2026-11-21T10:15:07.000000Z");
  CHECK(parse_moment("2026-11-21T10:15:07.25") == "2026-11-21T10:15:07.250000Z");
  CHECK(parse_moment("2026-11-21 10:15:07.123456+01") == "2026-11-21T09:15:07.123456Z");
  CHECK(parse_moment("2026-11-21T10:15+0130") == "2026-11-21T08:45:00.000000Z");
  CHECK(parse_moment("2026-12-31T23:30:00-01:00") == "2027-01-01T00:30:00.000000Z");
}

TEST_CASE("base: what is no moment is not read") {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21T10", "2026-11-21T10:15.5", "2026-11-21T10:15:07.",
        "2026-11-21T10:15:07.1234567", "2026-11-21_10:15:07", "2026-02-30T10:15",
        "2026-11-21T24:00", "2026-11-21T10:15:07Z+01", "2026-11-21T10:15:07Z0100",
        "2026-11-21T10:15+", "2026-11-21T10:15+1", "2026-11-21T10:15+01:", "2026-11-21T10:15+16",
        "2026-11-21T10:15+01:60", "2026-11-21T10:15+-1:00", "2026-11-21T10:15:07 UTC",
        "2026-11-21T10:15:07+01:000"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_moment(text).has_value());
  }
}

}  // namespace prism
