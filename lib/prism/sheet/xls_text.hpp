#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/sheet/biff.hpp>
#include <prism/sheet/biff_version.hpp>
#include <prism/sheet/code_page.hpp>

namespace prism::sheet {

/// Reads the strings of cells, formats and sheet names of one workbook: of Unicode characters in
/// BIFF8, of bytes in a code page before it. Used by one thread.
class PRISM_API XlsText {
 public:
  XlsText(BiffVersion version, unsigned code_page);

  /// Appends a string of `count` characters or bytes as UTF-8. One that is cut off gives what is
  /// there of it: so do others, as some programs write wrong lengths.
  void append(ContinuedReader& from, std::size_t count, TextBuffer& out);
  std::string read(ContinuedReader& from, std::size_t count);

 private:
  void append_utf16_or_bytes(ContinuedReader& from, std::size_t count, TextBuffer& out);

  bool unicode_;
  bool utf16_;  ///< the code page is 1200
  CodePage code_page_;
  std::vector<unsigned char> gathered_;
};

}  // namespace prism::sheet
