#include <array>
#include <utility>

#include <prism/sheet/block_size.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/text_stream.hpp>

namespace prism::sheet {

TextStream::TextStream(std::shared_ptr<const ByteSource> source, TextBuffer& out)
    : source_(std::move(source)), out_(out), utf16_(out) {
  std::array<unsigned char, 1024> start;
  const std::size_t size = source_->read(0, start);
  const DetectedEncoding detected = detect_encoding(Bytes(start).first(size));
  if (detected.encoding == Encoding::utf32) {
    throw Damage("found UTF-32 text, expected UTF-8, UTF-16 or Windows-1252");
  }
  encoding_ = detected.encoding;
  offset_ = detected.mark;
}

bool TextStream::read() {
  if (encoding_ == Encoding::utf16_le || encoding_ == Encoding::utf16_be) return read_utf16();
  auto* const room = reinterpret_cast<unsigned char*>(out_.room_for(kBlockSize));
  const std::size_t size = source_->read(offset_, {room, kBlockSize});
  out_.add_size(size);
  offset_ += size;
  return size > 0;
}

bool TextStream::read_utf16() {
  if (cut_) throw Damage("the text ends within a character of UTF-16: an odd number of bytes");
  units_.resize(kBlockSize);
  const std::size_t size = source_->read(offset_, units_);
  offset_ += size;
  cut_ = size % 2 != 0;
  const Bytes units = Bytes(units_).first(size);
  encoding_ == Encoding::utf16_be ? utf16_.append_big_endian(units) : utf16_.append(units);
  if (size < kBlockSize) utf16_.finish();
  return size > 0;
}

}  // namespace prism::sheet
