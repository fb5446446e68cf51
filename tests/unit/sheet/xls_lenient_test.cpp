#include "sheet_support.hpp"
#include "xls_builder.hpp"

namespace prism::sheet::test {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

std::string number(unsigned row, unsigned column, double value) {
  return record(0x0203, cell(row, column) + le_double(value));
}

std::string stream(const std::string& records = number(0, 0, 1), const std::string& globals = {}) {
  return workbook_stream(globals, {{"Sheet1", records}});
}

Lines read(const std::string& content) {
  const TemporaryFile file("book.xls", content);
  return lines_of(file.path());
}

Lines read_stream(const std::string& content) {
  return read(compound_file({{"Workbook", content}}));
}

std::string damage(const std::string& content) {
  const TemporaryFile file("book.xls", content);
  return damage_of([&] { count_cells(file.path()); });
}

/// Text of so many bytes that the stream needs a chain of sectors, and what it reads as.
const std::string kLong(6000, 'x');
std::string long_stream() { return stream(record(0x0204, cell(0, 0) + compressed(kLong))); }
const Lines kLongLines{"1: A=\"" + kLong + "\""};

/// Where in the file the directory entry of that stream begins.
std::size_t entry_offset(const std::string& file, std::u16string_view name) {
  const std::size_t at = file.find(utf16(name) + le16(0));
  REQUIRE(at != std::string::npos);
  return at;
}

std::size_t sector_at(const std::string& file, std::size_t offset) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(file[at]); };
  return byte(offset) | byte(offset + 1) << 8;
}

}  // namespace

TEST_CASE("sheet: xls without the records that end its substreams") {
  std::string no_end = stream();
  no_end.resize(no_end.size() - eof().size());
  CHECK(read_stream(no_end) == Lines{"1: A=1"});
  std::string sheet = workbook_stream("", {{"S", number(0, 0, 1)}});
  const std::size_t globals_end = sheet.find(eof());
  sheet.erase(globals_end, eof().size());
  overwrite(sheet, bof(5).size() + 4, le32(static_cast<std::uint32_t>(globals_end)));
  CHECK(read_stream(sheet) == Lines{"1: A=1"});
}

TEST_CASE("sheet: xls cut short is told from one that lacks its last record") {
  std::string no_end = long_stream();
  no_end.resize(no_end.size() - eof().size());
  std::string file = compound_file({{"Workbook", no_end}});
  CHECK(read(file) == kLongLines);
  const std::size_t size = entry_offset(file, u"Workbook") + 120;
  overwrite(file, size, le32(60000));
  CHECK(holds(damage(file), "truncated: found "));
  CHECK(holds(damage(file), " bytes of the workbook stream, expected 60000"));
  CHECK(holds(damage(compound_file({{"Workbook", no_end + "\x0A"}})),
              "the stream ends within the record at offset"));
}

TEST_CASE("sheet: xls sheet that lies nowhere leaves the others alone") {
  std::string two = workbook_stream("", {{"A", ""}, {"B", number(0, 0, 2)}});
  overwrite(two, bof(5).size() + 4, le32(0x7FFFFFFF));
  const TemporaryFile file("book.xls", compound_file({{"Workbook", two}}));
  const auto book = open_workbook(file.path());
  CHECK(holds(damage_of([&] { book->rows(0); }), "sheet 'A': truncated: its substream"));
  CHECK(lines_of(*book->rows(1)) == Lines{"1: A=2"});
}

TEST_CASE("sheet: xls records that nobody knows, and formats that are none") {
  const std::string unknown = record(0x7777, "??") + record(0, "");
  const std::string format = record(0x041E, le16(164)) + record(0x041E, "") +
                             record(0x041E, le16(165) + le16(99) + le8(0) + "yyyy");
  const std::string xf = record(0x00E0, le16(0) + le16(165));
  CHECK(read_stream(stream(unknown + number(0, 0, 1) + unknown, unknown + format + xf)) ==
        Lines{"1: A=date 1"});
}

TEST_CASE("sheet: xls shared strings that are counted wrongly") {
  const std::string cells =
      record(0x00FD, cell(0, 0) + le32(0)) + record(0x00FD, cell(0, 1) + le32(1));
  const auto sst = [](unsigned count, const std::string& behind) {
    return record(0x00FC,
                  le32(count) + le32(count) + compressed("one") + compressed("two") + behind);
  };
  const Lines expected{"1: A=\"one\" B=\"two\""};
  CHECK(read_stream(stream(cells, sst(0, ""))) == expected);
  CHECK(read_stream(stream(cells, sst(1, ""))) == expected);
  CHECK(read_stream(stream(cells, sst(9, ""))) == expected);
  CHECK(read_stream(stream(cells, sst(2, "\xFF\xFF\xFF\xFF"))) == expected);
}

TEST_CASE("sheet: xls texts that are shorter than they say") {
  CHECK(read_stream(stream(record(0x0204, cell(0, 0) + le16(9) + le8(0) + "abc") +
                           record(0x0204, cell(0, 1) + le16(9) + le8(1) + "abc") +
                           record(0x0204, cell(0, 2) + le16(0)) + number(0, 3, 1))) ==
        Lines{"1: A=\"abc\" B=\"\u6261\" D=1"});
}

TEST_CASE("sheet: compound file directory that is not sorted, or loops") {
  std::string file = compound_file({{"Other", "o"}, {"Workbook", long_stream()}});
  const std::size_t first = entry_offset(file, u"Other");
  const std::size_t second = entry_offset(file, u"Workbook");
  overwrite(file, first + 67, le8(0));  // red
  overwrite(file, second + 72, le32(1));
  CHECK(read(file) == kLongLines);
  overwrite(file, second + 72, le32(0x12345));
  CHECK(read(file) == kLongLines);
}

TEST_CASE("sheet: compound file whose directory names no stream") {
  std::string file = compound_file({{"Workbook", long_stream()}});
  overwrite(file, entry_offset(file, u"Root Entry") + 76, le32(0xFFFFFFFF));
  CHECK(read(file) == kLongLines);
  overwrite(file, entry_offset(file, u"Root Entry") + 66, le8(1));
  CHECK(read(file) == kLongLines);
}

TEST_CASE("sheet: compound file: the workbook within another document is not meant") {
  std::string file = compound_file({{"Pool", "p"}, {"WordDocument", "w"}, {"Workbook", stream()}});
  const std::size_t pool = entry_offset(file, u"Pool");
  overwrite(file, pool + 66, le8(1));
  overwrite(file, pool + 76, le32(3));                                          // its child
  overwrite(file, entry_offset(file, u"WordDocument") + 72, le32(0xFFFFFFFF));  // no neighbour
  CHECK(holds(damage(file), "not a workbook: found a Word document"));
}

TEST_CASE("sheet: compound file header that counts no table sectors") {
  std::string file = compound_file({{"Workbook", long_stream()}});
  overwrite(file, 44, le32(0));
  overwrite(file, 64, le32(0));
  CHECK(read(file) == kLongLines);
  for (const std::uint32_t difat : {0U, 0xFFFFFFFFU, 0x00999999U}) {
    overwrite(file, 68, le32(difat));
    CHECK(read(file) == kLongLines);
  }
}

TEST_CASE("sheet: compound file with a chain that ends in a free sector behind what is needed") {
  const std::string content = long_stream();
  std::string file = compound_file({{"Workbook", content + std::string(3000, '\0')}});
  const std::size_t fat = (sector_at(file, 76) + 1) * 512;
  for (const std::uint32_t next : {0xFFFFFFFFU, 0xFFFFFFFEU, 0x00999999U}) {
    overwrite(file, fat + 4 * (content.size() / 512), le32(next));
    CHECK(read(file) == kLongLines);
  }
}

TEST_CASE("sheet: compound file that ends within its last sector") {
  // The directory lies behind the content here, the allocation table behind it.
  std::string file = compound_file({{"Workbook", long_stream()}});
  file.resize(file.size() - 300);
  CHECK(read(file) == kLongLines);
}

TEST_CASE("sheet: compound file without a mini stream, or with one that is too short") {
  const std::string content = stream();
  std::string file = compound_file({{"Workbook", content + std::string(5000, '\0')}});
  overwrite(file, entry_offset(file, u"Workbook") + 120,
            le32(static_cast<std::uint32_t>(content.size())));
  CHECK(read(file) == Lines{"1: A=1"});
  std::string mini = compound_file({{"Workbook", content}});
  overwrite(mini, entry_offset(mini, u"Root Entry") + 120, le32(100));
  CHECK(read(mini) == Lines{"1: A=1"});
  overwrite(mini, entry_offset(mini, u"Root Entry") + 116, le32(0x00999999));
  CHECK(holds(damage(mini), "truncated: found 0 bytes of the workbook stream"));
}

}  // namespace prism::sheet::test
