#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/unicode.hpp>
#include <prism/sheet/xlsx_text.hpp>

namespace prism::sheet {
namespace {

constexpr std::size_t kEscapeSize = 7;

/// Whether `text` begins with `_x`, four hexadecimal digits and `_`.
bool read_escape(std::string_view text, std::uint16_t& unit) {
  if (text.size() < kEscapeSize || text[1] != 'x' || text[6] != '_') return false;
  const char* const end = text.data() + 6;
  return std::from_chars(text.data() + 2, end, unit, 16).ptr == end;
}

}  // namespace

void append_unescaped(TextBuffer& out, std::string_view text) {
  if (find_invalid_utf8(text) != std::string_view::npos) {
    throw Damage("found " + in_quotes(text) + ", which is not valid UTF-8");
  }
  Utf16Appender units(out);
  while (!text.empty()) {
    std::uint16_t unit = 0;
    if (text[0] == '_' && read_escape(text, unit)) {
      units.append(unit);
      text.remove_prefix(kEscapeSize);
      continue;
    }
    units.finish();
    const std::string_view plain = text.substr(0, text.find('_', 1));
    append_text(out, plain);
    text.remove_prefix(plain.size());
  }
  units.finish();
}

void RichText::clear() {
  text_.cut_to(0);
  begin_ = 0;
  in_text_ = false;
  phonetic_depth_ = 0;
}

void RichText::start(const XmlTokenizer& xml) {
  if (xml.name() == "rPh" || phonetic_depth_ > 0) {
    ++phonetic_depth_;
  } else if (xml.name() == "t") {
    in_text_ = true;
    preserve_ = xml.attribute("xml:space") == "preserve";
    begin_ = text_.size();
  }
}

void RichText::end(std::string_view element) {
  if (phonetic_depth_ > 0) {
    --phonetic_depth_;
  } else if (element == "t") {
    in_text_ = false;
    if (!preserve_) trim();
  }
}

void RichText::trim() {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::string_view own = escaped().substr(begin_);
  const std::size_t first = std::min(own.find_first_not_of(kSpace), own.size());
  const std::size_t last = own.find_last_not_of(kSpace);
  const std::size_t size = last == std::string_view::npos ? 0 : last + 1 - first;
  if (first > 0) std::memmove(text_.data() + begin_, own.data() + first, size);
  text_.cut_to(begin_ + size);
}

void RichText::text(const XmlText& piece) {
  constexpr std::size_t kMost = std::size_t{16} << 20;
  if (!in_text_ || phonetic_depth_ > 0) return;
  if (text_.size() + piece.written.size() > kMost) throw Damage("found a text longer than 16 MiB");
  append_xml_text(text_, piece);
}

}  // namespace prism::sheet
