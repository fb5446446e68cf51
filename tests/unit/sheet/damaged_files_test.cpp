#include <random>

#include "sheet_support.hpp"
#include "xls_builder.hpp"
#include "xls_encryptor.hpp"

namespace prism::sheet::test {
namespace {

/// A damaged file must give its cells or an Error(bad_data); anything else fails or ends the test.
/// Returns whether it was an error.
bool read_damaged(const std::string& name, const std::string& content) {
  const TemporaryFile file(name, content);
  try {
    count_cells(file.path());
    return false;
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::bad_data);
    CHECK(holds(error.what(), name));
    return true;
  }
}

const std::vector<std::string>& fixtures() {
  static const std::vector<std::string> names{"xlwt.xls", "xlsxwriter.xlsx", "openpyxl.xlsx"};
  return names;
}

/// Changes some bytes of a file or stream.
std::string changed(std::string content, std::mt19937& random, int count) {
  for (int i = 0; i < count; ++i) {
    content[random() % content.size()] = static_cast<char>(random() % 4 == 0 ? 0xFF : random());
  }
  return content;
}

std::string content_of(const std::string& name) {
  return read_file(fixture(name), std::size_t{16} << 20);
}

}  // namespace

TEST_CASE("sheet: files cut off anywhere give an error") {
  constexpr std::size_t kSteps = 50;
  for (const std::string& name : fixtures()) {
    const std::string whole = content_of(name);
    for (std::size_t step = 0; step < kSteps; ++step) {
      CAPTURE(name);
      CAPTURE(step);
      CHECK(read_damaged(name, whole.substr(0, whole.size() * step / kSteps)));
    }
  }
}

TEST_CASE("sheet: files with bytes changed give cells or an error") {
  std::mt19937 random(7);
  for (const std::string& name : fixtures()) {
    const std::string whole = content_of(name);
    for (int round = 0; round < 300; ++round) {
      CAPTURE(name);
      CAPTURE(round);
      read_damaged(name, changed(whole, random, 1 + round % 20));
    }
  }
}

TEST_CASE("sheet: workbook streams with bytes changed give cells or an error") {
  std::mt19937 random(11);
  const std::string sst =
      record(0x00FC, le32(2) + le32(2) + le16(3) + le8(0x0D) + le16(1) + le32(8) + utf16(u"abc") +
                         std::string(12, 'r') + le16(4) + le8(0) + "ab") +
      record(0x003C, le8(1) + utf16(u"cd"));
  const std::string records =
      record(0x00FD, cell(0, 0) + le32(1)) + record(0x0203, cell(0, 1) + le_double(1)) +
      record(0x00BD, le16(1) + le16(0) + le16(0) + le32(6) + le16(0) + le32(7) + le16(1)) +
      record(0x0006, cell(2, 0) + le16(0) + le32(0) + le16(0xFFFF) + std::string(8, '\0')) +
      record(0x0207, compressed("formula")) + record(0x0205, cell(3, 0) + le16(0x0117));
  const std::string stream = workbook_stream(sst, {{"Sheet", records}});
  for (int round = 0; round < 3000; ++round) {
    CAPTURE(round);
    const std::string damaged = changed(stream, random, 1 + round % 8);
    read_damaged("stream.xls", compound_file({{"Workbook", damaged}}));
  }
}

TEST_CASE("sheet: old workbook streams with bytes changed give cells or an error") {
  std::mt19937 random(13);
  const std::string globals = record(0x0042, le16(932)) +
                              record(0x041E, le16(164) + short_bytes("yyyy\x93\xFA")) +
                              record(0x00E0, le16(0) + le16(164));
  const std::string five = workbook_stream(
      globals,
      {{"S\x93\xFA", record(0x0204, cell(0, 0) + long_bytes("\x93\xFA")) +
                         record(0x0006, cell(0, 1) + le8(0) + le8(0) + le32(0) + le16(0xFFFF)) +
                         record(0x0207, le16(4) + "ab") + record(0x003C, "\x93\xFA")}},
      0x0500);
  const std::string two =
      old_bof(0x0009) + record(0x001E, short_bytes("d/m/yy")) + record(0x0043, "123") +
      record(0x0002, old_cell(0, 0) + le16(5)) + record(0x0004, old_cell(1, 0) + short_bytes("t")) +
      record(0x0006, old_cell(1, 1) + le8(0) + le8(0) + le32(0) + le16(0xFFFF)) +
      record(0x0007, short_bytes("text")) + eof();
  const std::string sheet =
      old_bof(0x0409) + record(0x0443, "12") + record(0x0203, cell(0, 0) + le_double(1)) + eof();
  const std::string four = old_bof(0x0409, 0x0100) + record(0x041E, le16(0) + short_bytes("0")) +
                           record(0x008F, le32(0) + short_bytes("S")) + sheet +
                           record(0x008F, le32(0) + short_bytes("T")) + sheet + eof();
  for (int round = 0; round < 1000; ++round) {
    CAPTURE(round);
    read_damaged("five.xls", compound_file({{"Book", changed(five, random, 1 + round % 8)}}));
    for (const std::string& bare : {two, four}) {
      // The first record stays, for else it would be another kind of file.
      read_damaged("bare.xls", bare.substr(0, 8) + changed(bare.substr(8), random, 1 + round % 8));
    }
  }
}

TEST_CASE("sheet: encrypted workbook streams with bytes changed give cells or an error") {
  std::mt19937 random(17);
  for (const Encryptor& how : {xor_encryptor(), rc4_encryptor(), crypto_api_encryptor()}) {
    const std::string stream = how.encrypted(
        workbook_stream(how.file_pass, {{"S", record(0x0204, cell(0, 0) + compressed("text"))}}));
    for (int round = 0; round < 300; ++round) {
      CAPTURE(round);
      const std::string damaged = changed(stream, random, 1 + round % 8);
      read_damaged("locked.xls", compound_file({{"Workbook", damaged}}));
    }
  }
}

}  // namespace prism::sheet::test
