#pragma once

#include <cstdint>

#include <prism/base/export.hpp>
#include <prism/sheet/bytes.hpp>
#include <prism/sheet/string_arena.hpp>

namespace prism::sheet {

/// Appends a code point as UTF-8; a surrogate, which is none, as U+FFFD.
PRISM_API void append_code_point(TextBuffer& out, std::uint32_t code);

/// Appends text whose bytes are the low bytes of UTF-16 code units: the compressed strings of
/// [MS-XLS], and ISO 8859-1.
PRISM_API void append_latin1(TextBuffer& out, Bytes text);

/// Appends UTF-16 code units, which may come in pieces that cut a surrogate pair in two.
class PRISM_API Utf16Appender {
 public:
  explicit Utf16Appender(TextBuffer& out) : out_(out) {}

  void append(std::uint16_t unit);
  /// Little-endian code units.
  void append(Bytes text);
  void append_big_endian(Bytes text);
  /// A high surrogate at the very end becomes U+FFFD.
  void finish();

 private:
  TextBuffer& out_;
  std::uint16_t high_ = 0;
};

}  // namespace prism::sheet
