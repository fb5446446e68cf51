#include <algorithm>
#include <cstring>
#include <string>

#include <prism/sheet/biff.hpp>
#include <prism/sheet/biff_version.hpp>
#include <prism/sheet/block_size.hpp>
#include <prism/sheet/unicode.hpp>

namespace prism::sheet {
namespace {

/// The largest record has 65,539 bytes.
constexpr std::size_t kWindow = std::max(kBlockSize, std::size_t{80} * 1024);

// Flags of a string, [MS-XLS] section 2.5.293.
constexpr unsigned kHighByte = 0x01;
constexpr unsigned kExtended = 0x04;
constexpr unsigned kRichText = 0x08;

/// How many bytes of a record are not encrypted in an encrypted workbook ([MS-XLS] section 2.2.10).
std::size_t plain_bytes(std::uint16_t type, std::size_t size) {
  constexpr std::size_t kOffsetOfSheet = 4;
  switch (type) {
    case biff::kFilePass:
    case biff::kInterfaceHeader:
    case biff::kRrdHead:
    case biff::kUsrExcl:
    case biff::kFileLock:
    case biff::kRrdInfo:
      return size;
    case biff::kBoundSheet:
      return std::min(kOffsetOfSheet, size);
    default:
      return is_bof(type) ? size : 0;
  }
}

}  // namespace

RecordReader::RecordReader(const ByteSource& stream, std::uint64_t offset)
    : stream_(stream), window_(kWindow), window_offset_(offset) {}

void RecordReader::set_cipher(std::unique_ptr<RecordCipher> cipher) {
  cipher_ = std::move(cipher);
  end_ = begin_;
  decrypt_ahead();
}

/// Moves what is left to the front of the window and reads on behind it.
bool RecordReader::fill(std::size_t count) {
  std::memmove(window_.data(), window_.data() + begin_, read_ - begin_);
  window_offset_ += begin_;
  end_ -= begin_;
  read_ -= begin_;
  begin_ = 0;
  read_ += stream_.read(window_offset_ + read_, std::span(window_).subspan(read_));
  decrypt_ahead();
  return end_ >= count;
}

/// Makes what was read ready for use: that is done here, as `next` has no time for it.
void RecordReader::decrypt_ahead() {
  if (!cipher_) {
    end_ = read_;
    return;
  }
  while (read_ - end_ >= kHeaderSize) {
    const Bytes header = Bytes(window_).subspan(end_);
    const std::size_t size = read_u16(header, 2);
    if (read_ - end_ < kHeaderSize + size) return;
    cipher_->decrypt(window_offset_ + end_ + kHeaderSize,
                     std::span(window_).subspan(end_ + kHeaderSize, size),
                     plain_bytes(read_u16(header, 0), size));
    end_ += kHeaderSize + size;
  }
}

/// Streams that lack their last record are read, those that lack a part of their sectors are not.
bool RecordReader::end() const {
  const std::uint64_t found = window_offset_ + read_;
  if (found < stream_.size()) {
    throw Damage("truncated: found " + std::to_string(found) + " bytes of the workbook stream, " +
                 "expected " + std::to_string(stream_.size()));
  }
  if (begin_ != read_) {
    throw Damage("truncated: the stream ends within the record at offset " +
                 std::to_string(window_offset_ + begin_));
  }
  return false;
}

void RecordReader::throw_cut_off(std::size_t size) const {
  throw Damage("truncated: the record at offset " + std::to_string(window_offset_ + begin_) +
               " should have " + std::to_string(size) + " bytes, found " +
               std::to_string(end_ - begin_ - kHeaderSize));
}

bool ContinuedReader::next_segment() {
  Record record;
  while (records_.next_if(biff::kContinue, record)) {
    data_ = record.data;
    if (!data_.empty()) return true;
  }
  return false;
}

void ContinuedReader::require_segment() {
  if (at_end()) throw Damage("a string is cut off: its CONTINUE record is missing");
}

std::uint8_t ContinuedReader::u8() {
  require_segment();
  const std::uint8_t value = data_[0];
  data_ = data_.subspan(1);
  return value;
}

std::uint16_t ContinuedReader::u16() {
  const unsigned low = u8();
  return static_cast<std::uint16_t>(low | u8() << 8);
}

std::uint32_t ContinuedReader::u32() {
  const std::uint32_t low = u16();
  return low | std::uint32_t{u16()} << 16;
}

void ContinuedReader::skip(std::uint64_t count) {
  while (count > 0) {
    require_segment();
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(count, data_.size()));
    data_ = data_.subspan(step);
    count -= step;
  }
}

Bytes ContinuedReader::bytes(std::size_t count, std::vector<unsigned char>& gathered) {
  if (count <= data_.size()) {
    const Bytes piece = data_.first(count);
    data_ = data_.subspan(count);
    return piece;
  }
  gathered.clear();
  while (gathered.size() < count && !at_end()) {
    const Bytes piece = data_.first(std::min(count - gathered.size(), data_.size()));
    gathered.insert(gathered.end(), piece.begin(), piece.end());
    data_ = data_.subspan(piece.size());
  }
  return gathered;
}

std::size_t ContinuedReader::append_characters(TextBuffer& out, std::size_t count, bool wide) {
  Utf16Appender utf16(out);
  while (count > 0) {
    if (data_.empty()) {
      if (!next_segment()) break;
      wide = (u8() & kHighByte) != 0;
    }
    const std::size_t width = wide ? 2 : 1;
    const std::size_t step = std::min(count, data_.size() / width);
    if (step == 0 && !data_.empty()) break;  // a single byte of a wide character
    const Bytes piece = data_.first(step * width);
    if (wide) {
      utf16.append(piece);
    } else {
      utf16.finish();
      append_latin1(out, piece);
    }
    data_ = data_.subspan(step * width);
    count -= step;
  }
  utf16.finish();
  return count;
}

void append_unicode_string(ContinuedReader& from, std::size_t count, TextBuffer& out) {
  const unsigned flags = from.u8();
  const std::uint64_t runs = (flags & kRichText) != 0 ? from.u16() : 0;
  const std::uint64_t phonetics = (flags & kExtended) != 0 ? from.u32() : 0;
  const std::size_t missing = from.append_characters(out, count, (flags & kHighByte) != 0);
  if (missing != 0) {
    throw Damage("a string is cut off: " + std::to_string(missing) + " of its " +
                 std::to_string(count) + " characters are missing");
  }
  from.skip(4 * runs + phonetics);
}

void append_last_unicode_string(ContinuedReader& from, std::size_t count, TextBuffer& out) {
  if (count == 0 || from.at_end()) return;
  const unsigned flags = from.u8();
  if ((flags & kRichText) != 0) from.skip(2);
  if ((flags & kExtended) != 0) from.skip(4);
  from.append_characters(out, count, (flags & kHighByte) != 0);
}

}  // namespace prism::sheet
