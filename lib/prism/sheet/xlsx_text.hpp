#pragma once

#include <string_view>

#include <prism/base/export.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/xml_text.hpp>
#include <prism/sheet/xml_tokenizer.hpp>

namespace prism::sheet {

/// Appends a text of SpreadsheetML in which `_x000D_` and the like stand for a UTF-16 code unit
/// ([ECMA-376] part 1, section 22.9.2.19 ST_Xstring). Throws Damage for invalid UTF-8.
PRISM_API void append_unescaped(TextBuffer& out, std::string_view text);

/// Collects the text of a shared or inline string ([ECMA-376] part 1, section 18.4.8 CT_Rst): its
/// runs one after the other, phonetic ones left out. White space at both ends of a `t` is no part
/// of it, as Excel has it, unless `xml:space` says so.
class RichText {
 public:
  void clear();
  void start(const XmlTokenizer& xml);
  void end(std::string_view element);
  /// Throws Damage beyond 16 MiB.
  void text(const XmlText& piece);

  std::string_view escaped() const { return {text_.data(), text_.size()}; }

 private:
  TextBuffer text_;
  void trim();

  bool in_text_ = false;
  bool preserve_ = false;  ///< white space, in this `t`
  std::size_t begin_ = 0;  ///< of this `t` in the text
  unsigned phonetic_depth_ = 0;
};

}  // namespace prism::sheet
