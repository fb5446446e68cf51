#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/bytes.hpp>
#include <prism/sheet/string_arena.hpp>

namespace prism::sheet {

/// Record types, named as in [MS-XLS] section 2.3.1 (there: `LabelSst`, `MulRk`, …).
namespace biff {
inline constexpr std::uint16_t kFormula = 0x0006;
inline constexpr std::uint16_t kEof = 0x000A;
inline constexpr std::uint16_t kDate1904 = 0x0022;
inline constexpr std::uint16_t kFilePass = 0x002F;
inline constexpr std::uint16_t kContinue = 0x003C;
inline constexpr std::uint16_t kBoundSheet = 0x0085;
inline constexpr std::uint16_t kMulRk = 0x00BD;
inline constexpr std::uint16_t kRString = 0x00D6;
inline constexpr std::uint16_t kXf = 0x00E0;
inline constexpr std::uint16_t kSst = 0x00FC;
inline constexpr std::uint16_t kLabelSst = 0x00FD;
inline constexpr std::uint16_t kNumber = 0x0203;
inline constexpr std::uint16_t kLabel = 0x0204;
inline constexpr std::uint16_t kBoolErr = 0x0205;
inline constexpr std::uint16_t kString = 0x0207;
inline constexpr std::uint16_t kRk = 0x027E;
inline constexpr std::uint16_t kFormat = 0x041E;
inline constexpr std::uint16_t kBof = 0x0809;

inline constexpr std::uint16_t kVersion8 = 0x0600;
}  // namespace biff

struct Record {
  std::uint16_t type = 0;
  Bytes data;                ///< lives until the next call of the reader
  std::uint64_t offset = 0;  ///< of its header in the stream
};

/// Pulls the records of a workbook stream through a window of some 256 KiB ([MS-XLS] section 2.1.4:
/// type, size, data). Throws Damage when a record is cut off.
class PRISM_API RecordReader {
 public:
  /// `stream` must outlive the reader.
  RecordReader(const ByteSource& stream, std::uint64_t offset);

  /// False at the end of the stream.
  bool next(Record& record) {
    if (!available(kHeaderSize)) return false;
    const Bytes header = ahead(kHeaderSize);
    const std::size_t size = read_u16(header, 2);
    record.type = read_u16(header, 0);
    if (!available(kHeaderSize + size)) throw_cut_off(size);
    record.data = ahead(kHeaderSize + size).subspan(kHeaderSize);
    record.offset = window_offset_ + begin_;
    begin_ += kHeaderSize + size;
    return true;
  }

  /// Takes the next record if it is of that type.
  bool next_if(std::uint16_t type, Record& record) {
    if (!available(kHeaderSize) || read_u16(ahead(kHeaderSize), 0) != type) return false;
    return next(record);
  }

 private:
  static constexpr std::size_t kHeaderSize = 4;

  Bytes ahead(std::size_t count) const { return Bytes(window_).subspan(begin_, count); }
  bool available(std::size_t count) { return end_ - begin_ >= count || fill(count); }
  bool fill(std::size_t count);
  [[noreturn]] void throw_cut_off(std::size_t size) const;

  const ByteSource& stream_;
  std::vector<unsigned char> window_;
  std::uint64_t window_offset_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Reads the data of a record and of the CONTINUE records behind it as if they were one
/// ([MS-XLS] section 2.1.4). Throws Damage where they end too early.
class PRISM_API ContinuedReader {
 public:
  ContinuedReader(RecordReader& records, Bytes data) : records_(records), data_(data) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  void skip(std::uint64_t count);

  /// True when nothing is left, neither here nor in a further CONTINUE record.
  bool at_end() { return data_.empty() && !next_segment(); }

  /// Appends `count` characters as UTF-8. A CONTINUE record that cuts them in two begins with a
  /// flag that says anew whether they are wide (UTF-16) or compressed ([MS-XLS] section 2.5.293).
  void append_characters(TextBuffer& out, std::size_t count, bool wide);

 private:
  bool next_segment();
  void require_segment();

  RecordReader& records_;
  Bytes data_;
};

/// Reads a string whose length is known: its flags and characters, rich text runs and phonetics
/// being skipped ([MS-XLS] sections 2.5.293 XLUnicodeRichExtendedString, 2.5.294 XLUnicodeString).
PRISM_API void append_unicode_string(ContinuedReader& from, std::size_t count, TextBuffer& out);

}  // namespace prism::sheet
