#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/byte_source.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/text_encoding.hpp>
#include <prism/sheet/unicode.hpp>

namespace prism::sheet {

/// The text of a source from its start to its end, without its byte order mark: UTF-16 becomes
/// UTF-8, all else stays as it is.
class PRISM_API TextStream {
 public:
  /// Appends to `out`, which must outlive the stream. Throws Damage for UTF-32.
  TextStream(std::shared_ptr<const ByteSource> source, TextBuffer& out);

  Encoding encoding() const { return encoding_; }

  /// Appends the next block, of some 256 KiB; false at the end. Throws Damage if UTF-16 ends within
  /// a character.
  bool read();

 private:
  bool read_utf16();

  std::shared_ptr<const ByteSource> source_;
  TextBuffer& out_;
  Utf16Appender utf16_;
  std::vector<unsigned char> units_;  ///< a block of UTF-16
  std::uint64_t offset_ = 0;
  Encoding encoding_ = Encoding::unmarked;
  bool cut_ = false;  ///< the last character is half there
};

}  // namespace prism::sheet
