#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/bytes.hpp>
#include <prism/sheet/record_cipher.hpp>
#include <prism/sheet/string_arena.hpp>

namespace prism::sheet {

/// Record types, named as in [MS-XLS] section 2.3.1 (there: `LabelSst`, `MulRk`, …), and those of
/// the versions before BIFF5 as in "OpenOffice.org's Documentation of the Microsoft Excel File
/// Format", with the first version that has them.
namespace biff {
inline constexpr std::uint16_t kInteger2 = 0x0002;
inline constexpr std::uint16_t kNumber2 = 0x0003;
inline constexpr std::uint16_t kLabel2 = 0x0004;
inline constexpr std::uint16_t kBoolErr2 = 0x0005;
inline constexpr std::uint16_t kFormula = 0x0006;  ///< of BIFF2, BIFF5 and BIFF8
inline constexpr std::uint16_t kString2 = 0x0007;
inline constexpr std::uint16_t kEof = 0x000A;
inline constexpr std::uint16_t kFormat2 = 0x001E;
inline constexpr std::uint16_t kDate1904 = 0x0022;
inline constexpr std::uint16_t kFilePass = 0x002F;
inline constexpr std::uint16_t kContinue = 0x003C;
inline constexpr std::uint16_t kCodePage = 0x0042;
inline constexpr std::uint16_t kXf2 = 0x0043;
inline constexpr std::uint16_t kIxfe2 = 0x0044;
inline constexpr std::uint16_t kBoundSheet = 0x0085;
inline constexpr std::uint16_t kSheetHeader4 = 0x008F;
inline constexpr std::uint16_t kMulRk = 0x00BD;
inline constexpr std::uint16_t kRString = 0x00D6;
inline constexpr std::uint16_t kXf = 0x00E0;
inline constexpr std::uint16_t kInterfaceHeader = 0x00E1;
inline constexpr std::uint16_t kSst = 0x00FC;
inline constexpr std::uint16_t kLabelSst = 0x00FD;
inline constexpr std::uint16_t kRrdHead = 0x0138;
inline constexpr std::uint16_t kUsrExcl = 0x0194;
inline constexpr std::uint16_t kFileLock = 0x0195;
inline constexpr std::uint16_t kRrdInfo = 0x0196;
inline constexpr std::uint16_t kNumber = 0x0203;
inline constexpr std::uint16_t kLabel = 0x0204;
inline constexpr std::uint16_t kBoolErr = 0x0205;
inline constexpr std::uint16_t kFormula3 = 0x0206;
inline constexpr std::uint16_t kString = 0x0207;
inline constexpr std::uint16_t kXf3 = 0x0243;
inline constexpr std::uint16_t kRk = 0x027E;
inline constexpr std::uint16_t kFormula4 = 0x0406;
inline constexpr std::uint16_t kFormat = 0x041E;
inline constexpr std::uint16_t kXf4 = 0x0443;
inline constexpr std::uint16_t kBof = 0x0809;
}  // namespace biff

struct Record {
  std::uint16_t type = 0;
  Bytes data;                ///< lives until the next call of the reader
  std::uint64_t offset = 0;  ///< of its header in the stream
};

/// Pulls the records of a workbook stream through a window of some 256 KiB ([MS-XLS] section 2.1.4:
/// type, size, data). Throws Damage when a record is cut off, or the stream is shorter than it says
/// of itself.
class PRISM_API RecordReader {
 public:
  /// `stream` must outlive the reader.
  RecordReader(const ByteSource& stream, std::uint64_t offset);

  /// The data of all records to come is encrypted.
  void set_cipher(std::unique_ptr<RecordCipher> cipher);

  /// False at the end of the stream.
  bool next(Record& record) {
    if (!available(kHeaderSize)) return end();
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
  bool end() const;
  [[noreturn]] void throw_cut_off(std::size_t size) const;
  void decrypt_ahead();

  const ByteSource& stream_;
  std::vector<unsigned char> window_;
  std::uint64_t window_offset_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;  ///< of what can be handed out
  std::size_t read_ =
      0;  ///< end of what was read: with a cipher, records behind end_ are encrypted
  std::unique_ptr<RecordCipher> cipher_;
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

  /// At most `count` bytes, fewer where the record and its CONTINUE records end. They live in the
  /// record, or in `gathered` when they come from several.
  Bytes bytes(std::size_t count, std::vector<unsigned char>& gathered);

  /// How many bytes are left before the next CONTINUE record.
  std::size_t left() const { return data_.size(); }

  /// True when nothing is left, neither here nor in a further CONTINUE record.
  bool at_end() { return data_.empty() && !next_segment(); }

  /// Appends `count` characters as UTF-8 and returns how many of them were not there. A CONTINUE
  /// record that cuts them in two begins with a flag that says anew whether they are wide (UTF-16)
  /// or compressed ([MS-XLS] section 2.5.293).
  std::size_t append_characters(TextBuffer& out, std::size_t count, bool wide);

 private:
  bool next_segment();
  void require_segment();

  RecordReader& records_;
  Bytes data_;
};

/// Reads a string of BIFF8 whose length is known: its flags and characters, rich text runs and
/// phonetics being skipped ([MS-XLS] sections 2.5.293 XLUnicodeRichExtendedString, 2.5.294
/// XLUnicodeString). Throws Damage when it is cut off.
PRISM_API void append_unicode_string(ContinuedReader& from, std::size_t count, TextBuffer& out);

/// The same for the string at the end of a record: when it is cut off, what is there is its text.
PRISM_API void append_last_unicode_string(ContinuedReader& from, std::size_t count,
                                          TextBuffer& out);

}  // namespace prism::sheet
