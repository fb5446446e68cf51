#include <prism/sheet/code_page.hpp>

#include "sheet_support.hpp"

namespace prism::sheet::test {
namespace {

using namespace std::string_literals;

std::string converted(CodePage& page, const std::string& bytes) {
  TextBuffer out;
  page.append(out, Bytes(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
  return {out.data(), out.size()};
}

std::string converted(unsigned number, const std::string& bytes) {
  CodePage page(number);
  return converted(page, bytes);
}

}  // namespace

TEST_CASE("sheet: code pages of Windows") {
  CHECK(converted(1250, "\x8A\xBE\xE8") == "\u0160\u013E\u010D");
  CHECK(converted(1251, "\xC6\xE8\xE2") == "\u0416\u0438\u0432");
  CHECK(converted(1252, "a\x80z\xE9") == "a\u20ACz\u00E9");
  CHECK(converted(1253, "\xC1\xE1") == "\u0391\u03B1");
  CHECK(converted(1254, "\xDD\xFE") == "\u0130\u015F");
  CHECK(converted(1255, "\xE0\xF9") == "\u05D0\u05E9");
  CHECK(converted(1256, "\xC7\xED") == "\u0627\u064A");
  CHECK(converted(1257, "\xD0\xFB") == "\u0160\u016B");
  CHECK(converted(1258, "\xC3\xF0\xFE") == "\u0102\u0111\u20AB");
  CHECK(converted(874, "\xA1\xE0") == "\u0E01\u0E40");
}

TEST_CASE("sheet: code pages of DOS and of the Macintosh") {
  CHECK(converted(437, "\x81\xE1\xDB") == "\u00FC\u00DF\u2588");
  CHECK(converted(850, "\x81\xB5\xD0") == "\u00FC\u00C1\u00F0");
  CHECK(converted(10000, "\x8E\xA5") == "\u00E9\u2022");
  CHECK(converted(32768, "\x8E") == "\u00E9");
  CHECK(converted(32769, "\x80") == "\u20AC");
  CHECK(converted(367, "\xE9") == "\u00E9");
}

TEST_CASE("sheet: code pages of one and two bytes a character") {
  CHECK(converted(932, "a\x93\xFA\x96\x7B\xB1") == "a\u65E5\u672C\uFF71");
  CHECK(converted(936, "\xD6\xD0\xCE\xC4z") == "\u4E2D\u6587z");
  CHECK(converted(949, "\xC7\xD1\x8C\x63") == "\uD55C\uB620");
  CHECK(converted(950, "\xA4\xA4\xA4\xE5") == "\u4E2D\u6587");
}

TEST_CASE("sheet: code pages: what is no text becomes U+FFFD") {
  CHECK(converted(1255, "\xE0\xD9\xE0") == "\u05D0\uFFFD\u05D0");
  CHECK(converted(932, "\xFF"s + "a") == "\uFFFDa");
  CHECK(converted(932, "\x93\x01") == "\uFFFD\x01");
  CHECK(converted(932, "a\x93") == "a\uFFFD");
  CHECK(converted(950, std::string(3000, '\xFF')).size() == 9000);
}

TEST_CASE("sheet: code pages of Windows keep the control characters that they leave free") {
  CHECK(converted(1252, "\x81\x9D") == "\u0081\u009D");
  CHECK(converted(437, "\x9D") == "\u00A5");
}

TEST_CASE("sheet: code pages with accents of their own keep them apart") {
  CHECK(converted(1258,
                  "\xC2\xEC"
                  "a\xEC") == "\u00C2\u0301a\u0301");
  CHECK(converted(1255, "\xF9\xD1") == "\u05E9\u05C1");
}

TEST_CASE("sheet: code page for which there is no converter") {
  CHECK(converted(12345, "ASCII needs none") == "ASCII needs none");
  try {
    converted(12345, "caf\xE9");
    FAIL_CHECK("expected Damage");
  } catch (const Damage& damage) {
    CHECK(holds(damage.what(), "found text in code page 12345, for which iconv has no converter"));
    CHECK(holds(damage.what(), "(CP12345, "));
  }
}

TEST_CASE("sheet: a text that is not whole leaves the next one alone") {
  CodePage page(932);
  CHECK(converted(page, "\x93") == "\uFFFD");
  CHECK(converted(page, "\xFA") == "\uFFFD");
  CHECK(converted(page, "\x93\xFA") == "\u65E5");
}

}  // namespace prism::sheet::test
