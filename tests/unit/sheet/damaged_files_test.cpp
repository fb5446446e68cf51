#include <random>

#include "sheet_support.hpp"
#include "xls_builder.hpp"

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
      std::string changed = whole;
      for (int i = 0; i < 1 + round % 20; ++i) {
        changed[random() % changed.size()] = static_cast<char>(random() % 4 == 0 ? 0xFF : random());
      }
      read_damaged(name, changed);
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
    std::string changed = stream;
    for (int i = 0; i < 1 + round % 8; ++i) {
      changed[random() % changed.size()] = static_cast<char>(random() % 4 == 0 ? 0xFF : random());
    }
    read_damaged("stream.xls", compound_file({{"Workbook", changed}}));
  }
}

}  // namespace prism::sheet::test
