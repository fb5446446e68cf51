#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include <iconv.h>

#include <prism/sheet/code_page.hpp>
#include <prism/sheet/unicode.hpp>

namespace prism::sheet {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

bool is_ascii(Bytes text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x80; });
}

/// Windows takes the bytes from 0x80 to 0x9F that a code page of single bytes leaves free for the
/// control characters of the same number.
bool keeps_controls(unsigned code_page) {
  return code_page == 874 || (code_page >= 1250 && code_page <= 1258);
}

}  // namespace

std::string code_page_name(unsigned number) {
  switch (number) {
    case 367:  // ASCII
    case 32769:
      return "CP1252";
    case 951:
      return "BIG5-HKSCS";
    case 10000:
    case 32768:
      return "MACINTOSH";
    case 10029:
      return "MAC-CENTRALEUROPE";
    case 20866:
      return "KOI8-R";
    case 21866:
      return "KOI8-U";
    case 65001:
      return "UTF-8";
    default:
      return "CP" + std::to_string(number);
  }
}

/// An iconv descriptor, and what it makes of each byte from 0x80 on when no letter takes two.
class CodePage::Converter {
 public:
  explicit Converter(unsigned code_page)
      : handle_(::iconv_open("UTF-8", code_page_name(code_page).c_str())),
        keeps_controls_(keeps_controls(code_page)) {
    if (handle_ == reinterpret_cast<::iconv_t>(-1)) {
      throw Damage("found text in code page " + std::to_string(code_page) +
                   ", for which iconv has no converter on this system (" +
                   code_page_name(code_page) + ", from the modules gconv of the C library)");
    }
    list_letters();
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() { ::iconv_close(handle_); }

  void append(TextBuffer& out, Bytes text) {
    if (letters_.empty()) return append_wide(out, text);
    for (const unsigned char byte : text) {
      if (byte < kFirst) {
        out.push_back(static_cast<char>(byte));
      } else {
        append_text(out, letters_[byte - kFirst]);
      }
    }
  }

 private:
  static constexpr unsigned kFirst = 0x80;
  static constexpr std::size_t kPending = 16;

  /// Letter by letter, as iconv would join letters and accents that Windows keeps apart.
  void list_letters() {
    std::vector<std::string> letters;
    for (unsigned i = kFirst; i < 0x100; ++i) {
      const auto byte = static_cast<unsigned char>(i);
      Bytes rest(&byte, 1);
      TextBuffer letter;
      const int error = convert(letter, rest);
      if (error == EINVAL) return;  // the first byte of two
      flush(letter);
      if (error != 0) append_code_point(letter, replacement_of(byte));
      letters.emplace_back(letter.data(), letter.size());
    }
    letters_ = std::move(letters);
  }

  void append_wide(TextBuffer& out, Bytes text) {
    while (!text.empty()) {
      const int error = convert(out, text);
      if (error == 0) break;
      if (error == E2BIG) continue;
      append_code_point(out, kReplacement);
      text = error == EINVAL ? Bytes() : text.subspan(1);
    }
    flush(out);
  }

  /// Converts as much as it can, and returns the error number at which it stopped, or 0.
  int convert(TextBuffer& out, Bytes& text) {
    // 4 bytes are the most that a byte becomes.
    std::size_t room = 4 * text.size() + kPending;
    const std::size_t all = room;
    char* to = out.room_for(room);
    char* from = const_cast<char*>(reinterpret_cast<const char*>(text.data()));
    std::size_t left = text.size();
    const std::size_t done = ::iconv(handle_, &from, &left, &to, &room);
    const int error = done == static_cast<std::size_t>(-1) ? errno : 0;
    out.add_size(all - room);
    text = text.last(left);
    return error;
  }

  /// Some converters hold a letter back for the accent that may follow it.
  void flush(TextBuffer& out) {
    std::size_t room = kPending;
    char* to = out.room_for(room);
    ::iconv(handle_, nullptr, nullptr, &to, &room);
    out.add_size(kPending - room);
  }

  std::uint32_t replacement_of(unsigned char byte) const {
    return keeps_controls_ && byte < 0xA0 ? byte : kReplacement;
  }

  ::iconv_t handle_;
  bool keeps_controls_;
  std::vector<std::string> letters_;  ///< UTF-8; none where letters take more than one byte
};

CodePage::CodePage(unsigned number) : number_(number) {}
CodePage::CodePage(CodePage&&) noexcept = default;
CodePage& CodePage::operator=(CodePage&&) noexcept = default;
CodePage::~CodePage() = default;

CodePage::Converter& CodePage::converter() {
  if (!converter_) converter_ = std::make_unique<Converter>(number_);
  return *converter_;
}

void CodePage::append(TextBuffer& out, Bytes text) {
  if (!is_ascii(text)) return converter().append(out, text);
  append_text(out, {reinterpret_cast<const char*>(text.data()), text.size()});
}

}  // namespace prism::sheet
