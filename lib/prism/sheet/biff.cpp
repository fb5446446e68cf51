#include <algorithm>
#include <cstring>
#include <string>

#include <prism/sheet/biff.hpp>
#include <prism/sheet/unicode.hpp>

namespace prism::sheet {
namespace {

constexpr std::size_t kWindow = std::size_t{256} * 1024;

// Flags of a string, [MS-XLS] section 2.5.293.
constexpr unsigned kHighByte = 0x01;
constexpr unsigned kExtended = 0x04;
constexpr unsigned kRichText = 0x08;

}  // namespace

RecordReader::RecordReader(const ByteSource& stream, std::uint64_t offset)
    : stream_(stream), window_(kWindow), window_offset_(offset) {}

/// Moves what is left to the front of the window and reads on behind it.
bool RecordReader::fill(std::size_t count) {
  std::memmove(window_.data(), window_.data() + begin_, end_ - begin_);
  window_offset_ += begin_;
  end_ -= begin_;
  begin_ = 0;
  end_ += stream_.read(window_offset_ + end_, std::span(window_).subspan(end_));
  return end_ >= count;
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

void ContinuedReader::append_characters(TextBuffer& out, std::size_t count, bool wide) {
  Utf16Appender utf16(out);
  while (count > 0) {
    if (data_.empty()) wide = (u8() & kHighByte) != 0;
    const std::size_t width = wide ? 2 : 1;
    const std::size_t step = std::min(count, data_.size() / width);
    if (step == 0 && !data_.empty()) throw Damage("a string is cut within a character");
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
}

void append_unicode_string(ContinuedReader& from, std::size_t count, TextBuffer& out) {
  const unsigned flags = from.u8();
  const std::uint64_t runs = (flags & kRichText) != 0 ? from.u16() : 0;
  const std::uint64_t phonetics = (flags & kExtended) != 0 ? from.u32() : 0;
  from.append_characters(out, count, (flags & kHighByte) != 0);
  from.skip(4 * runs + phonetics);
}

}  // namespace prism::sheet
