#include "sheet_support.hpp"
#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

using Lines = std::vector<std::string>;

constexpr unsigned kContinue = 0x003C;
constexpr unsigned kSst = 0x00FC;
constexpr unsigned kLabelSst = 0x00FD;

constexpr unsigned kWide = 0x01;
constexpr unsigned kPhonetic = 0x04;
constexpr unsigned kRich = 0x08;

std::string sst_head(std::uint32_t count) { return le32(count) + le32(count); }

/// A workbook whose only row shows the first `count` shared strings.
Lines show(const std::string& sst, unsigned count) {
  std::string records;
  for (unsigned i = 0; i < count; ++i) records += record(kLabelSst, cell(0, i) + le32(i));
  const TemporaryFile file("strings.xls", xls_file(records, sst));
  return lines_of(file.path());
}

}  // namespace

TEST_CASE("sheet: xls shared string cut in two, with the characters' width changed") {
  const std::string to_wide = record(kSst, sst_head(2) + le16(6) + le8(0) + "abc") +
                              record(kContinue, le8(1) + utf16(u"d\u20ACf") + compressed("next"));
  CHECK(show(to_wide, 2) == Lines{"1: A=\"abcd\u20ACf\" B=\"next\""});
  const std::string to_compressed =
      record(kSst, sst_head(2) + le16(6) + le8(kWide) + utf16(u"\u0416bc")) +
      record(kContinue, le8(0) + "d\xE9" + "f" + compressed("next"));
  CHECK(show(to_compressed, 2) == Lines{"1: A=\"\u0416bcd\u00E9f\" B=\"next\""});
}

TEST_CASE("sheet: xls shared string over three records") {
  const std::string sst = record(kSst, sst_head(1) + le16(6) + le8(0) + "ab") +
                          record(kContinue, le8(0) + "cd") + record(kContinue, le8(0) + "ef");
  CHECK(show(sst, 1) == Lines{"1: A=\"abcdef\""});
}

TEST_CASE("sheet: xls shared strings that end where a record ends") {
  const std::string sst = record(kSst, sst_head(3) + compressed("one")) +
                          record(kContinue, compressed("two")) + record(kContinue, "") +
                          record(kContinue, compressed("three"));
  CHECK(show(sst, 3) == Lines{"1: A=\"one\" B=\"two\" C=\"three\""});
}

TEST_CASE("sheet: xls shared string whose characters begin in the next record") {
  const std::string sst = record(kSst, sst_head(1) + le16(3) + le8(0)) +
                          record(kContinue, le8(kWide) + utf16(u"a\u20ACc"));
  CHECK(show(sst, 1) == Lines{"1: A=\"a\u20ACc\""});
}

TEST_CASE("sheet: xls surrogate pair cut in two") {
  const std::string sst =
      record(kSst, sst_head(2) + le16(3) + le8(kWide) + utf16(u"a") + le16(0xD83D)) +
      record(kContinue, le8(kWide) + le16(0xDE00) + le16(1) + le8(kWide) + le16(0xD83D));
  CHECK(show(sst, 2) == Lines{"1: A=\"a\U0001F600\" B=\"\uFFFD\""});
}

TEST_CASE("sheet: xls rich text runs and phonetics are skipped, also over records") {
  const std::string runs = le16(0) + le16(5) + le16(2) + le16(6);
  const std::string phonetics(20, 'p');
  const std::string both = le16(3) + le8(kRich | kPhonetic) + le16(2) + le32(20) + "abc";
  const std::string whole = record(kSst, sst_head(2) + both + runs + phonetics + compressed("x"));
  CHECK(show(whole, 2) == Lines{"1: A=\"abc\" B=\"x\""});
  const std::string within_runs = record(kSst, sst_head(2) + both + runs.substr(0, 3)) +
                                  record(kContinue, runs.substr(3) + phonetics.substr(0, 7)) +
                                  record(kContinue, phonetics.substr(7) + compressed("x"));
  CHECK(show(within_runs, 2) == Lines{"1: A=\"abc\" B=\"x\""});
  const std::string within_text =
      record(kSst, sst_head(2) + le16(3) + le8(kRich | kWide) + le16(2) + utf16(u"ab")) +
      record(kContinue, le8(0) + "c" + runs + compressed("x"));
  CHECK(show(within_text, 2) == Lines{"1: A=\"abc\" B=\"x\""});
}

TEST_CASE("sheet: xls shared strings: a count too high is harmless, a string cut off is not") {
  CHECK(show(record(kSst, sst_head(0xFFFFFFFF) + compressed("only")), 1) == Lines{"1: A=\"only\""});
  const std::string cut = record(kSst, sst_head(2) + compressed("one") + le16(500) + le8(0) + "x");
  const std::string found = damage_of([&] { show(cut, 1); });
  CHECK(
      holds(found, "shared string 1: a string is cut off: 499 of its 500 characters are missing"));
  const std::string runs = record(kSst, sst_head(1) + le16(1) + le8(kPhonetic) + le32(0xFFFFFFFF));
  CHECK(holds(damage_of([&] { show(runs, 1); }), "shared string 0: "));
}

TEST_CASE("sheet: xls long strings of many widths") {
  std::string sst = sst_head(3);
  const std::string ascii(20000, 'a');
  sst += le16(20000) + le8(0) + ascii.substr(0, 8000);
  std::string records = record(kSst, sst) + record(kContinue, le8(0) + ascii.substr(0, 8000)) +
                        record(kContinue, le8(0) + ascii.substr(0, 4000) + compressed("\xE9") +
                                              compressed("a\xFF bcdefgh\xE9"));
  CHECK(show(records, 3) ==
        Lines{"1: A=\"" + ascii + "\" B=\"\u00E9\" C=\"a\u00FF bcdefgh\u00E9\""});
}

}  // namespace prism::sheet::test
