#pragma once

#include <cstddef>
#include <cstdint>

#include <prism/base/export.hpp>
#include <prism/sheet/bytes.hpp>

namespace prism::sheet {

/// How a text is stored, as far as its first bytes show it.
enum class Encoding : std::uint8_t {
  unmarked,  ///< ASCII is one byte each: UTF-8 or a code page
  utf8,      ///< by its byte order mark
  utf16_le,
  utf16_be,
  utf32,  ///< of either byte order
};

struct DetectedEncoding {
  Encoding encoding = Encoding::unmarked;
  std::size_t mark = 0;  ///< bytes of the byte order mark, which is no part of the text
};

/// Looks for a byte order mark, else at where NULs stand in the first 1 KiB.
PRISM_API DetectedEncoding detect_encoding(Bytes start);

}  // namespace prism::sheet
