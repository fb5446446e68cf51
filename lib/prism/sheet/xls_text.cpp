#include <algorithm>

#include <prism/sheet/unicode.hpp>
#include <prism/sheet/xls_text.hpp>

namespace prism::sheet {
namespace {

constexpr unsigned kUtf16 = 1200;
constexpr unsigned kWestern = 1252;

}  // namespace

XlsText::XlsText(BiffVersion version, unsigned code_page)
    : unicode_(version == BiffVersion::biff8),
      utf16_(code_page == kUtf16),
      code_page_(utf16_ ? kWestern : code_page) {}

void XlsText::append(ContinuedReader& from, std::size_t count, TextBuffer& out) {
  if (unicode_) return append_last_unicode_string(from, count, out);
  if (utf16_) return append_utf16_or_bytes(from, count, out);
  code_page_.append(out, from.bytes(count, gathered_));
}

/// Code page 1200 is UTF-16, of which nobody says whether its characters or its bytes are counted;
/// and some programs name it though their strings are bytes.
void XlsText::append_utf16_or_bytes(ContinuedReader& from, std::size_t count, TextBuffer& out) {
  const bool characters = from.left() >= 2 * count;
  const Bytes text = from.bytes(characters ? 2 * count : count, gathered_);
  if (!characters && std::find(text.begin(), text.end(), 0) == text.end()) {
    return code_page_.append(out, text);
  }
  Utf16Appender utf16(out);
  utf16.append(text);
  utf16.finish();
}

std::string XlsText::read(ContinuedReader& from, std::size_t count) {
  TextBuffer text;
  append(from, count, text);
  return {text.data(), text.size()};
}

}  // namespace prism::sheet
