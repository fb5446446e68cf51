#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "csv_support.hpp"

namespace prism::sheet {
namespace {

using namespace std::string_literals;
using test::csv_damage;
using test::csv_lines;
using test::utf16_be;
using test::utf16_le;
using Lines = std::vector<std::string>;

const std::string kLittle = "\xFF\xFE";
const std::string kBig = "\xFE\xFF";

}  // namespace

TEST_CASE("sheet: csv: UTF-16 of either byte order, with a byte order mark or without") {
  const std::u16string text = u"1\t2\r\nd\u00E9j\u00E0\t\"\U0001F600,\n\u4E00\"\r\n";
  const Lines expected{"1: A=[1] B=[2]",
                       "2: A=[d\xC3\xA9j\xC3\xA0] B=[\xF0\x9F\x98\x80,\n\xE4\xB8\x80]"};
  CHECK(csv_lines(kLittle + utf16_le(text)) == expected);
  CHECK(csv_lines(kBig + utf16_be(text)) == expected);
  CHECK(csv_lines(utf16_le(text)) == expected);
  CHECK(csv_lines(utf16_be(text)) == expected);
  CHECK(csv_lines(utf16_le(u"1,2")) == Lines{"1: A=[1] B=[2]"});
  CHECK(csv_lines(kLittle).empty());
}

TEST_CASE("sheet: csv: UTF-16 of many blocks, with surrogates where they meet") {
  std::u16string line = u"\U0001F600\U0001F600\U0001F600\U0001F600\n";
  for (const std::string& shift : {""s, "\n"s}) {
    std::u16string text(shift.begin(), shift.end());
    while (text.size() < 500'000) text += line;
    std::size_t right = 0;
    const auto lines = csv_lines(kBig + utf16_be(text));
    for (const auto& read : lines) {
      right += read.ends_with(": A=[\U0001F600\U0001F600\U0001F600\U0001F600]") ? 1 : 0;
    }
    CHECK(lines.size() == text.size() / line.size());
    CHECK(right == lines.size());
  }
}

TEST_CASE("sheet: csv: UTF-16 that is damaged") {
  CHECK(csv_lines(kLittle + utf16_le(u"1,2\n") + "\x3D\xD8,\0\x00\xDE"s) ==
        Lines{"1: A=[1] B=[2]", "2: A=[\xEF\xBF\xBD] B=[\xEF\xBF\xBD]"});
  CHECK(csv_lines(kLittle + utf16_le(u"1\n") + "\x3D\xD8"s) ==
        Lines{"1: A=[1]", "2: A=[\xEF\xBF\xBD]"});
  CHECK(csv_damage(kLittle + utf16_le(u"1,2\n") + "x").find("an odd number of bytes") !=
        std::string::npos);
  CHECK(csv_damage(kLittle + utf16_le(u"1,2\na,") + "\0\0"s) ==
        "row 2 (line 2): holds a NUL, expected text");
  CHECK(csv_damage("\xFF\xFE\0\0001\0\0\0"s) ==
        "found UTF-32 text, expected UTF-8, UTF-16 or Windows-1252");
  CHECK(csv_damage("\0\0\xFE\xFF\0\0\0001"s).starts_with("found UTF-32 text"));
  CHECK(csv_damage("1\0\0\0,\0\0\0"s
                   "2\0\0\0"s)
            .starts_with("found UTF-32 text"));
  CHECK(csv_damage("\0\0\0001\0\0\0,\0\0\0002"s).starts_with("found UTF-32 text"));
}

TEST_CASE("sheet: csv: Windows-1252 where the first row beyond ASCII is not UTF-8") {
  CHECK(csv_lines("1;2\nplain;text\nd\xE9j\xE0;\x80 5\n\xFCr;\x93x\x94\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[plain] B=[text]",
              "3: A=[d\xC3\xA9j\xC3\xA0] B=[\xE2\x82\xAC 5]",
              "4: A=[\xC3\xBCr] B=[\xE2\x80\x9Cx\xE2\x80\x9D]"});
  CHECK(csv_lines("1,2\n\"a\n\xE9\",\"\"\"\xA0\"\"\"\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[a\n\xC3\xA9] B=[\"\xC2\xA0\"]"});
  CHECK(csv_lines("\xE9\n\xC3\xA9\n") == Lines{"1: A=[\xC3\xA9]", "2: A=[\xC3\x83\xC2\xA9]"});
  CHECK(csv_lines("1,2\na,\xE2\x82\n") ==
        Lines{"1: A=[1] B=[2]", "2: A=[a] B=[\xC3\xA2\xE2\x80\x9A]"});
}

TEST_CASE("sheet: csv: the bytes that Windows-1252 leaves undefined are named") {
  for (const unsigned byte : {0x81U, 0x8DU, 0x8FU, 0x90U, 0x9DU}) {
    const std::string damage =
        csv_damage("1,2\n\xE9,x\nx,y" + std::string(1, static_cast<char>(byte)) + "\n");
    CHECK(damage.starts_with(
        "row 3 (line 3): field 2 is neither valid UTF-8 nor Windows-1252 at byte 2 (0x"));
  }
}

TEST_CASE("sheet: csv: all of Windows-1252") {
  std::string bytes;
  for (unsigned byte = 0xA0; byte <= 0xFF; ++byte) bytes += static_cast<char>(byte);
  for (unsigned byte = 0x80; byte < 0xA0; ++byte) bytes += static_cast<char>(byte);
  std::erase_if(bytes, [](char c) { return std::string_view("\x81\x8D\x8F\x90\x9D").find(c) < 5; });
  std::u16string expected;
  for (char16_t code = 0xA0; code <= 0xFF; ++code) expected += code;
  expected +=
      u"\u20AC\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u017D\u2018\u2019"
      u"\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u017E\u0178";
  CHECK(csv_lines(bytes) == csv_lines(kLittle + utf16_le(expected)));
}

TEST_CASE("sheet: csv: UTF-8 stays UTF-8, and its damage is named") {
  const std::string valid = "1,2,3\na,\xC3\xA9,c\n";
  CHECK(csv_damage(valid + "a,b\xFF"
                           "c,d\n") ==
        "row 3 (line 3): field 2 is not valid UTF-8 at byte 2 (0xff)");
  CHECK(csv_damage(valid + "\"x\ny\",\"d\xE9j\xE0\",\n") ==
        "row 3 (line 4): field 2 is not valid UTF-8 at byte 2 (0xe9)");
  CHECK(csv_damage(valid + "a,\xE2\x82,\n") ==
        "row 3 (line 3): field 2 is not valid UTF-8 at byte 1 (0xe2)");
  CHECK(csv_damage("\xEF\xBB\xBF"
                   "1,2\na,\xED\xA0\x80\n") ==
        "row 2 (line 2): field 2 is not valid UTF-8 at byte 1 (0xed)");
}

TEST_CASE("sheet: csv: UTF-8 whose first row beyond ASCII is damaged is not read as Windows-1252") {
  const std::string damaged = "1,2\nx,d\xE9j\xC3\n";
  const std::string valid = "x,d\xC3\xA9j\xC3\xA0\n";
  CHECK(csv_lines(damaged + valid).size() == 3);
  CHECK(csv_damage(damaged + valid + valid) ==
        "row 2 (line 2): field 2 is not valid UTF-8 at byte 2 (0xe9), as most of the file is: it "
        "is neither valid UTF-8 nor Windows-1252");
}

TEST_CASE("sheet: csv: line ends that an old Mac wrote") {
  CHECK(csv_lines("1;2\ra;\"b\nc\"\r") == Lines{"1: A=[1] B=[2]", "2: A=[a] B=[b\nc]"});
  CHECK(csv_lines("1,2\ra,b\n") == Lines{"1: A=[1] B=[2\ra] C=[b]"});
  CHECK(csv_lines("1,2\r\n\"a\rb\",c\r\n") == Lines{"1: A=[1] B=[2]", "2: A=[a\rb] B=[c]"});
  CHECK(csv_lines("1,2\r") == Lines{"1: A=[1] B=[2]"});
  CHECK(csv_lines("\r\r1,2", FieldCount::any) == Lines{"3: A=[1] B=[2]"});
}

}  // namespace prism::sheet
