#include "sheet_support.hpp"
#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

constexpr unsigned kBof2 = 0x0009;
constexpr unsigned kBof3 = 0x0209;
constexpr unsigned kBof4 = 0x0409;
constexpr unsigned kNumber = 0x0203;
constexpr unsigned kLabel = 0x0204;

std::string bare(const std::string& begin, const std::string& records) {
  return begin + records + eof();
}

Lines read(const std::string& stream) {
  const TemporaryFile file("old.xls", stream);
  return lines_of(file.path());
}

/// A formula whose result is no number, from the value on.
std::string result(unsigned kind, unsigned value = 0) {
  return le8(kind) + le8(0) + le8(value) + le8(0) + le16(0) + le16(0xFFFF);
}

/// XF records that name those number formats.
std::string cell_formats2(const std::vector<unsigned>& formats) {
  std::string records;
  for (const unsigned format : formats) {
    records += record(0x0043, le8(0) + le8(0) + le8(0xC0 | format) + le8(0));
  }
  return records;
}

std::string cell_formats(unsigned type, const std::vector<unsigned>& formats) {
  std::string records;
  for (const unsigned format : formats) {
    records += record(type, le8(0) + le8(format) + std::string(10, '\0'));
  }
  return records;
}

/// FORMAT records, which only BIFF4 begins with two bytes of no use.
std::string number_formats(unsigned type, const std::vector<std::string>& codes) {
  std::string records;
  for (const std::string& code : codes) {
    records += record(type, (type == 0x041E ? le16(77) : "") + short_bytes(code));
  }
  return records;
}

}  // namespace

TEST_CASE("sheet: xls of BIFF2, with all its cells") {
  const std::string records =
      record(0x0002, old_cell(0, 0) + le16(65535)) +
      record(0x0003, old_cell(0, 1) + le_double(2.5)) +
      record(0x0004, old_cell(0, 2) + short_bytes("caf\xE9")) +
      record(0x0005, old_cell(0, 3) + le8(1) + le8(0)) +
      record(0x0005, old_cell(0, 4) + le8(0x17) + le8(1)) + record(0x0001, old_cell(0, 5)) +
      record(0x0006, old_cell(1, 0) + le_double(7.25) + le8(0) + le8(0)) +
      record(0x0006, old_cell(1, 1) + result(0) + le8(0) + le8(0)) +
      record(0x0007, short_bytes("text")) + record(0x0006, old_cell(1, 2) + result(1, 1)) +
      record(0x0006, old_cell(1, 3) + result(2, 0x2A));
  const TemporaryFile file("old.xls", bare(old_bof(kBof2), records));
  const auto book = open_workbook(file.path());
  CHECK(book->format() == "xls");
  REQUIRE(book->sheets().size() == 1);
  CHECK(book->sheets()[0].name == "Sheet1");
  CHECK(lines_of(*book->rows(0)) == Lines{"1: A=65535 B=2.5 C=\"caf\u00E9\" D=TRUE E=#REF!",
                                          "2: A=7.25 B=\"text\" C=TRUE D=#N/A"});
}

TEST_CASE("sheet: xls of BIFF2: dates by cell formats, in the cell or an IXFE record") {
  const std::string formats = number_formats(0x001E, {"General", "0.00", "d-mmm-yy", "h:mm"});
  const std::string records =
      formats + cell_formats2({0, 2, 3}) + record(0x0003, old_cell(0, 0, 0) + le_double(5)) +
      record(0x0003, old_cell(0, 1, 1) + le_double(5)) +
      record(0x0003, old_cell(0, 2, 2) + le_double(0.5)) + record(0x0044, le16(1)) +
      record(0x0002, old_cell(0, 3, 63) + le16(6)) + record(0x0002, old_cell(1, 3, 63) + le16(7)) +
      record(0x0002, old_cell(1, 4, 40) + le16(8));
  CHECK(read(bare(old_bof(kBof2), records)) ==
        Lines{"1: A=5 B=date 5 C=time 0.5 D=date 6", "2: D=date 7 E=8"});
}

TEST_CASE("sheet: xls of BIFF2: dates by the number formats in cells where there are no others") {
  const std::string records = number_formats(0x001E, {"General", "d-mmm-yy"}) +
                              record(0x0002, old_cell(0, 0, 0, 0x40 | 1) + le16(5)) +
                              record(0x0002, old_cell(0, 1, 0, 0) + le16(5)) +
                              record(0x0002, old_cell(0, 2, 0, 14) + le16(5));
  CHECK(read(bare(old_bof(kBof2), records)) == Lines{"1: A=date 5 B=5 C=5"});
  CHECK(read(bare(old_bof(kBof2), record(0x0022, le16(1)) + records)) ==
        Lines{"1: A=date 1467 B=5 C=5"});
}

TEST_CASE("sheet: xls of BIFF3") {
  const std::string records =
      record(0x0042, le16(1251)) + number_formats(0x001E, {"General", "0.00", "dd/mm/yy"}) +
      cell_formats(0x0243, {0, 2}) + record(kNumber, cell(0, 0) + le_double(1)) +
      record(kNumber, cell(0, 1, 1) + le_double(2)) +
      record(kLabel, cell(0, 2) + long_bytes("\xC6")) +
      record(0x0206, cell(1, 0) + le_double(3) + le16(0)) +
      record(0x0206, cell(1, 1) + result(0) + le16(0)) + record(0x0207, long_bytes("\xE8t")) +
      record(0x0205, cell(1, 2) + le8(7) + le8(1)) +
      record(0x027E, cell(1, 3) + le32(12U << 2 | 2)) + record(0x0201, cell(1, 4));
  CHECK(read(bare(old_bof(kBof3), records)) ==
        Lines{"1: A=1 B=date 2 C=\"\u0416\"", "2: A=3 B=\"\u0438t\" C=#DIV/0! D=12"});
}

TEST_CASE("sheet: xls of BIFF4: formats are counted, whatever number they name") {
  const std::string records = number_formats(0x041E, {"General", "0", "yyyy\\-mm\\-dd hh:mm"}) +
                              cell_formats(0x0443, {0, 2, 14}) +
                              record(kNumber, cell(0, 0, 1) + le_double(2.5)) +
                              record(kNumber, cell(0, 1, 2) + le_double(2.5)) +
                              record(0x0406, cell(0, 2, 1) + le_double(3) + le16(0)) +
                              record(kLabel, cell(0, 3) + long_bytes("last"));
  CHECK(read(bare(old_bof(kBof4), records)) ==
        Lines{"1: A=date-time 2.5 B=2.5 C=date-time 3 D=\"last\""});
}

TEST_CASE("sheet: xls of BIFF2 to BIFF4 that is no worksheet") {
  for (const unsigned kind : {0x0020U, 0x0040U}) {
    const TemporaryFile file("old.xls", bare(old_bof(kBof3, kind), ""));
    const auto book = open_workbook(file.path());
    CHECK_FALSE(book->sheets()[0].worksheet);
    CHECK(holds(damage_of([&] { book->rows(0); }), "found a chart or macro sheet"));
  }
}

TEST_CASE("sheet: xls workbook of BIFF4 with several sheets") {
  const auto sheet = [](const std::string& name, const std::string& records,
                        unsigned kind = 0x0010) {
    const std::string body = old_bof(kBof4, kind) + records + eof();
    return record(0x008F, le32(static_cast<std::uint32_t>(body.size())) + short_bytes(name)) + body;
  };
  const std::string date = cell_formats(0x0443, {1}) + number_formats(0x041E, {"0", "d/m/yy"});
  const std::string chart =
      old_bof(kBof4, 0x0020) + record(kNumber, cell(9, 9) + le_double(9)) + eof();
  const std::string stream =
      old_bof(kBof4, 0x0100) + record(0x0042, le16(1252)) + date +
      record(0x0085, short_bytes("A")) +
      sheet("One \xE9", chart + record(kNumber, cell(0, 0) + le_double(5))) +
      sheet("Macro", "", 0x0040) +
      sheet("Own", cell_formats(0x0443, {0}) + record(kNumber, cell(1, 0) + le_double(6))) + eof();
  const TemporaryFile file("old.xlw", stream);
  const auto book = open_workbook(file.path());
  REQUIRE(book->sheets().size() == 3);
  CHECK(book->sheets()[0].name == "One \u00E9");
  CHECK_FALSE(book->sheets()[1].worksheet);
  CHECK(book->sheets()[2].name == "Own");
  CHECK(lines_of(*book->rows(0)) == Lines{"1: A=date 5"});
  CHECK(lines_of(*book->rows(2)) == Lines{"2: A=6"});
}

TEST_CASE("sheet: xls as small programs write it, of no version and without formats") {
  const std::string begin = record(0x0809, le16(0) + le16(0x0010) + le32(0));
  const std::string records = record(kLabel, cell(0, 0) + long_bytes("caf\xE9")) +
                              record(kNumber, cell(0, 1) + le_double(1.5));
  CHECK(read(begin + records + eof()) == Lines{"1: A=\"caf\u00E9\" B=1.5"});
  CHECK(read(begin + records) == Lines{"1: A=\"caf\u00E9\" B=1.5"});
}

TEST_CASE("sheet: xls workbooks of BIFF5 and BIFF8 without a container") {
  const std::string five =
      workbook_stream("",
                      {{"Five", record(kLabel, cell(0, 0) + long_bytes("\xE9")) +
                                    record(kNumber, cell(2, 0) + le_double(1))}},
                      0x0500);
  CHECK(read(five) == Lines{"1: A=\"\u00E9\"", "3: A=1"});
  const std::string eight =
      workbook_stream("", {{"Eight", record(kLabel, cell(0, 0) + wide(u"\u20AC"))}});
  CHECK(read(eight) == Lines{"1: A=\"\u20AC\""});
}

TEST_CASE("sheet: xls without a container that holds no cells") {
  const auto damage = [](const std::string& stream) {
    const TemporaryFile file("old.xls", stream);
    return damage_of([&] { count_cells(file.path()); });
  };
  CHECK(holds(damage(old_bof(kBof3, 0x0100) + eof()), "old.xls: found a workspace"));
  CHECK(holds(damage(bof(0x0100, 0x0500) + eof()), "found a workspace"));
  CHECK(holds(damage(old_bof(kBof4, 0x0100) + eof()), "has no sheets"));
  CHECK(holds(damage(old_bof(kBof2) + "\x03\x00\x0F"s), "ends within the record at offset 8"));
  CHECK(holds(damage(old_bof(kBof2) + record(0x0003, le16(0))),
              "sheet 'Sheet1', row 1: found 2 bytes, expected at least 4"));
  CHECK(holds(damage(old_bof(kBof2) + record(0x0043, "1") + eof()),
              "record of type 67 at offset 8: found 1 bytes, expected at least 3"));
}

}  // namespace prism::sheet::test
