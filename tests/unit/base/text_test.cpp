#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include <prism/base/text.hpp>

namespace prism {
namespace {

using namespace std::string_literals;

constexpr auto kNone = std::string_view::npos;

std::string number_text(double number) {
  std::string out = "=";
  append_number(out, number);
  return out.substr(1);
}

std::string csv_field(std::string_view field) {
  std::string out = "a,";
  append_csv_field(out, field);
  return out.substr(2);
}

}  // namespace

TEST_CASE("base: white space is taken off both ends and left inside") {
  CHECK(trimmed("") == "");
  CHECK(trimmed(" \t\r\n ") == "");
  CHECK(trimmed("a b") == "a b");
  CHECK(trimmed(" \t a  b \r\n") == "a  b");
  CHECK(trimmed("\xC2\xA0 a\xC2\xA0") == "a");
  CHECK(trimmed("\xC2\xA0") == "");
  CHECK(trimmed("\xC3\xA0") == "\xC3\xA0");
  CHECK(trimmed("\xC2") == "\xC2");
}

TEST_CASE("base: ASCII letters are compared without regard to case") {
  CHECK(equals_ignoring_case("MaR", "mAr"));
  CHECK(equals_ignoring_case("", ""));
  CHECK_FALSE(equals_ignoring_case("mar", "march"));
  CHECK_FALSE(equals_ignoring_case("[", "{"));
  CHECK(lower_case("AZaz09_É") == "azaz09_É");
}

TEST_CASE("base: the first byte that is not UTF-8 is found") {
  struct Row {
    std::string text;
    std::size_t at;
  };
  const Row rows[] = {
      {"", kNone},
      {"plain ASCII that is longer than eight bytes", kNone},
      {"d\xC3\xA9j\xC3\xA0 vu", kNone},
      {"\xE2\x82\xAC", kNone},
      {"\xF0\x9F\x98\x80", kNone},
      {"\xED\x9F\xBF\xEE\x80\x80", kNone},
      {"\xF4\x8F\xBF\xBF", kNone},
      {"12345678\xFF", 8},
      {"abc\xE9t\xE9", 3},
      {"a\x80", 1},
      {"\xC0\x80", 0},          // overlong NUL
      {"\xC1\xBF", 0},          // overlong
      {"\xE0\x9F\xBF", 0},      // overlong
      {"\xF0\x8F\xBF\xBF", 0},  // overlong
      {"\xED\xA0\x80", 0},      // a surrogate
      {"\xF4\x90\x80\x80", 0},  // beyond U+10FFFF
      {"\xF5\x80\x80\x80", 0},
      {"ok\xC3", 2},  // cut short
      {"ok\xE2\x82", 2},
      {"ok\xF0\x9F\x98", 2},
      {"\xC3(", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(find_invalid_utf8(row.text) == row.at);
  }
}

TEST_CASE("base: numbers are the shortest text that reads back the same") {
  CHECK(number_text(0) == "0");
  CHECK(number_text(-0.0) == "0");
  CHECK(number_text(910036) == "910036");
  CHECK(number_text(-5) == "-5");
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(0.1 + 0.2) == "0.30000000000000004");
  CHECK(number_text(2.50) == "2.5");
  CHECK(number_text(1e15) == "1000000000000000");
  CHECK(number_text(9007199254740992.0) == "9007199254740992");
  CHECK(number_text(1e300) == "1e+300");
  for (const double number :
       {1.0 / 3, 1.0 / 7, 12345.678, std::numeric_limits<double>::max(), 5e-324}) {
    CHECK(std::strtod(number_text(number).c_str(), nullptr) == number);
  }
}

TEST_CASE("base: large numbers are shown to people with separators") {
  CHECK(with_separators(0) == "0");
  CHECK(with_separators(999) == "999");
  CHECK(with_separators(1000) == "1,000");
  CHECK(with_separators(123456) == "123,456");
  CHECK(with_separators(18446744073709551615U) == "18,446,744,073,709,551,615");
}

TEST_CASE("base: durations are shown in seconds, then in minutes") {
  CHECK(format_seconds(0.123) == "0.12 s");
  CHECK(format_seconds(12.34) == "12.3 s");
  CHECK(format_seconds(200) == "3 min 20 s");
  CHECK(format_seconds(60) == "1 min 0 s");
  CHECK(format_seconds(119.7) == "2 min 0 s");
}

TEST_CASE("base: values are quoted with control characters made visible") {
  CHECK(in_quotes("") == "''");
  CHECK(in_quotes("1,1") == "'1,1'");
  CHECK(in_quotes("a\nb\t\x7F\x1B[31m") == "'a\\x0ab\\x09\\x7f\\x1b[31m'");
  CHECK(in_quotes("\u009B31m") == "'\\xc2\\x9b31m'");
  CHECK(in_quotes("\u00A0\u00E9") == "'\u00A0\u00E9'");
  CHECK(in_quotes("caf\xE9 \xC3") == "'caf\\xe9 \\xc3'");
}

TEST_CASE("base: long values are cut, but never within a character") {
  const std::string sixty(60, 'x');
  CHECK(in_quotes(sixty) == "'" + sixty + "'");
  CHECK(in_quotes(sixty + "y") == "'" + sixty + "…'");
  const std::string accents = std::string(59, 'x') + "\xC3\xA9 and more";
  CHECK(in_quotes(accents) == "'" + std::string(59, 'x') + "…'");
  CHECK(in_quotes(std::string(61, '\x80')).size() == 60 * 4 + std::string("'…'").size());
}

TEST_CASE("base: CSV fields are quoted where they must be and only there") {
  CHECK(csv_field("") == "");
  CHECK(csv_field("plain text; 'single' quotes") == "plain text; 'single' quotes");
  CHECK(csv_field("1,1") == "\"1,1\"");
  CHECK(csv_field("say \"hi\"") == "\"say \"\"hi\"\"\"");
  CHECK(csv_field("two\nlines") == "\"two\nlines\"");
  CHECK(csv_field("cr\r") == "\"cr\r\"");
  CHECK(csv_field("\"") == "\"\"\"\"");
}

TEST_CASE("base: edits between two words are counted, swaps as one") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("seed", "seed") == 0);
  CHECK(edit_distance("", "seed") == 4);
  CHECK(edit_distance("sede", "seed") == 1);
  CHECK(edit_distance("sed", "seed") == 1);
  CHECK(edit_distance("seeds", "seed") == 1);
  CHECK(edit_distance("feed", "seed") == 1);
  CHECK(edit_distance("convert", "import") == 5);
}

}  // namespace prism
