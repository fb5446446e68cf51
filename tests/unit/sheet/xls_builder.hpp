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
/// BOF of BIFF2, BIFF3 or BIFF4: record type 0x0009, 0x0209 or 0x0409.
std::string old_bof(unsigned type, unsigned kind = 0x0010);
std::string eof();

/// Row, column and format: what each cell record begins with.
std::string cell(unsigned row, unsigned column, unsigned format = 0);
/// The same of BIFF2, with the cell's attributes in three bytes.
std::string old_cell(unsigned row, unsigned column, unsigned cell_format = 0,
                     unsigned number_format = 0);
/// Strings of bytes, whose length takes one byte or two.
std::string short_bytes(std::string_view text);
std::string long_bytes(std::string_view text);
/// XLUnicodeString: length, flags, characters.
std::string compressed(std::string_view text);
std::string wide(std::u16string_view text);

struct BuiltSheet {
  std::string name;
  std::string records;
  unsigned state = 0;  ///< 1 hidden, 2 very hidden
  unsigned kind = 0;   ///< 2 chart
};

/// The stream of a BIFF8 or BIFF5 (0x0500) workbook: globals with those records, then the sheets.
std::string workbook_stream(const std::string& globals, const std::vector<BuiltSheet>& sheets,
                            unsigned version = 0x0600);

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
