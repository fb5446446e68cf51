#pragma once

#include <memory>
#include <string>

#include <prism/base/export.hpp>
#include <prism/sheet/bytes.hpp>
#include <prism/sheet/string_arena.hpp>

namespace prism::sheet {

/// Turns the byte strings of workbooks before BIFF8 into UTF-8, from the code page that their
/// CODEPAGE record names ([MS-XLS] section 2.4.52). Used by one thread.
class PRISM_API CodePage {
 public:
  explicit CodePage(unsigned number);
  CodePage(CodePage&&) noexcept;
  CodePage& operator=(CodePage&&) noexcept;
  ~CodePage();

  /// Appends the text. What is none in the code page becomes U+FFFD. Throws Damage when letters
  /// beyond ASCII are to be converted and this system has no converter for the code page.
  void append(TextBuffer& out, Bytes text);

 private:
  class Converter;

  Converter& converter();

  unsigned number_;
  std::unique_ptr<Converter> converter_;  ///< from the first text on that needs it
};

/// The name by which iconv knows a code page: `CP1252`, `MACINTOSH`.
PRISM_API std::string code_page_name(unsigned number);

}  // namespace prism::sheet
