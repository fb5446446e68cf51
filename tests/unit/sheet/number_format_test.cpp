#include <doctest/doctest.h>

#include <prism/sheet/number_format.hpp>

namespace prism::sheet::test {
namespace {

void check_all(CellType type, std::initializer_list<const char*> codes) {
  for (const char* code : codes) {
    CAPTURE(code);
    CHECK(type_of_format_code(code) == type);
  }
}

}  // namespace

TEST_CASE("sheet: format codes of numbers and text") {
  check_all(CellType::number, {"",
                               "General",
                               "GENERAL",
                               "0",
                               "0.00",
                               "#,##0.00",
                               "0.00E+00",
                               "##0.0E+0",
                               "0E-0",
                               "@",
                               "0%",
                               "# ?/?",
                               "\"day\" 0",
                               "\"yyyy-mm-dd\"",
                               "0\\d",
                               "0_d",
                               "*d0",
                               "[Red]0;[Blue]-0",
                               "[Red]#,##0_);[Red]\\(#,##0\\)",
                               "[$-409]0",
                               "[>100]0;0",
                               "[Magenta]0",
                               "[DBNum1]0",
                               "_-* #,##0.00\\ \"DM\"_-;\\-* #,##0.00",
                               "[$USD] 0",
                               "\"unclosed d",
                               "[unclosed d",
                               "\\",
                               "_",
                               ";;;",
                               "0;yyyy",
                               "General;dd"});
}

TEST_CASE("sheet: format codes of dates") {
  check_all(
      CellType::date,
      {"d\\-mmm\\-yy", "yyyy-mm-dd", "YYYY/MM/DD", "m/d/yy", "mmm-yy", "m", "mmmm", "dddd",
       "[$-409]d mmm yyyy;@", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "yyyy\"年\"m\"月\"d\"日\"",
       "ggge\"年\"", "[$-411]ge.m.d", "e/m/d", "bbbb", "[Red]yyyy;0", "[<1]yyyy;0", "d.m.yy"});
}

TEST_CASE("sheet: format codes of times and spans of time") {
  check_all(CellType::time,
            {"h:mm", "h:mm:ss", "hh:mm:ss AM/PM", "h AM/PM", "h:m a/p", "mm:ss", "mm:ss.0", "ss",
             "[$-F400]h:mm:ss\\ AM/PM", "h\"時\"mm\"分\"", "H:MM"});
  check_all(CellType::duration,
            {"[h]:mm", "[hh]:mm:ss", "[mm]:ss", "[m]", "[ss]", "[s].00", "[HH]:MM", "[h]"});
}

TEST_CASE("sheet: format codes of dates with times") {
  check_all(CellType::date_time,
            {"m/d/yy h:mm", "yyyy-mm-dd hh:mm:ss", "h:mm d/m/yy", "d mmm h", "h mmm", "mm:ss mm",
             "yyyy-mm-dd\\Thh:mm:ss", "dd/mm/yy\\ h:mm;@", "h:mm m"});
}

TEST_CASE("sheet: formats that are known by number") {
  const auto check_range = [](std::uint32_t from, std::uint32_t to, CellType type) {
    for (std::uint32_t id = from; id <= to; ++id) {
      CAPTURE(id);
      CHECK(type_of_builtin_format(id) == type);
    }
  };
  check_range(0, 13, CellType::number);
  check_range(14, 17, CellType::date);
  check_range(18, 21, CellType::time);
  check_range(22, 22, CellType::date_time);
  check_range(23, 26, CellType::number);
  check_range(27, 31, CellType::date);
  check_range(32, 33, CellType::time);
  check_range(34, 36, CellType::date);
  check_range(37, 44, CellType::number);
  check_range(45, 45, CellType::time);
  check_range(46, 46, CellType::duration);
  check_range(47, 47, CellType::time);
  check_range(48, 49, CellType::number);
  check_range(50, 58, CellType::date);
  check_range(59, 200, CellType::number);
}

TEST_CASE("sheet: cell formats: a code in the file overrides what a number stands for") {
  CellFormats formats;
  for (const std::uint32_t id : {0, 14, 164, 165, 170}) formats.add_cell_format(id);
  formats.add_code(14, "0.0");
  formats.add_code(164, "h:mm");
  formats.add_code(165, "yyyy");
  formats.resolve();
  CHECK(formats.type(0) == CellType::number);
  CHECK(formats.type(1) == CellType::number);
  CHECK(formats.type(2) == CellType::time);
  CHECK(formats.type(3) == CellType::date);
  CHECK(formats.type(4) == CellType::number);
  CHECK(formats.type(5) == CellType::number);
}

}  // namespace prism::sheet::test
