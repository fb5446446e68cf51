#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace prism::sheet::test {

// Bytes as [MS-XLS] and [MS-CFB] store them.
std::string le8(unsigned value);
std::string le16(unsigned value);
std::string le32(std::uint32_t value);
std::string le64(std::uint64_t value);
std::string le_double(double value);
std::string utf16(std::u16string_view text);

std::string record(unsigned type, std::string_view data);
std::string bof(unsigned kind, unsigned version = 0x0600);
std::string eof();

/// Row, column and format: what each cell record begins with.
std::string cell(unsigned row, unsigned column, unsigned format = 0);
/// XLUnicodeString: length, flags, characters.
std::string compressed(std::string_view text);
std::string wide(std::u16string_view text);

struct BuiltSheet {
  std::string name;
  std::string records;
  unsigned state = 0;  ///< 1 hidden, 2 very hidden
  unsigned kind = 0;   ///< 2 chart
};

/// A BIFF8 workbook stream: globals with those records, then the sheets.
std::string workbook_stream(const std::string& globals, const std::vector<BuiltSheet>& sheets);

struct BuiltStream {
  std::string name;
  std::string content;
};

struct CompoundOptions {
  unsigned sector_shift = 9;
  bool scattered = false;  ///< no two sectors of a stream lie side by side
};

/// A compound file with those streams at its top level.
std::string compound_file(const std::vector<BuiltStream>& streams, CompoundOptions options = {});

/// An .xls file of one sheet.
std::string xls_file(const std::string& records, const std::string& globals = {});

/// Replaces bytes in place.
void overwrite(std::string& file, std::size_t offset, std::string_view bytes);

}  // namespace prism::sheet::test
