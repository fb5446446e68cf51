#include <algorithm>
#include <array>
#include <string>

#include <prism/base/text.hpp>
#include <prism/sheet/biff_version.hpp>
#include <prism/sheet/file_kind.hpp>
#include <prism/sheet/text_encoding.hpp>
#include <prism/sheet/unicode.hpp>

namespace prism::sheet {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  FileKind kind;
};

constexpr std::array kSignatures{
    Signature{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, {FileFormat::compound, "OLE2"}},
    Signature{"PK\x03\x04"sv, {FileFormat::zip, "a zip archive"}},
    Signature{"PK\x05\x06"sv, {FileFormat::other, "an empty zip archive"}},
    Signature{"%PDF-"sv, {FileFormat::other, "PDF"}},
    Signature{"{\\rtf"sv, {FileFormat::other, "RTF"}},
    Signature{"\x1F\x8B"sv, {FileFormat::other, "a gzip archive"}},
    Signature{"7z\xBC\xAF\x27\x1C"sv, {FileFormat::other, "a 7z archive"}},
    Signature{"Rar!\x1A\x07"sv, {FileFormat::other, "a RAR archive"}},
    Signature{"\x28\xB5\x2F\xFD"sv, {FileFormat::other, "a zstd archive"}},
    Signature{"SQLite format 3\0"sv, {FileFormat::other, "an SQLite database"}},
};

/// Texts that some programs save under the name .xls, by how they begin, in lower case.
constexpr std::array kMarkups{
    Signature{"<!doctype html", {FileFormat::markup, "HTML"}},
    Signature{"<html", {FileFormat::markup, "HTML"}},
    Signature{"<head", {FileFormat::markup, "HTML"}},
    Signature{"<body", {FileFormat::markup, "HTML"}},
    Signature{"<table", {FileFormat::markup, "HTML"}},
    Signature{"<meta", {FileFormat::markup, "HTML"}},
    Signature{"<style", {FileFormat::markup, "HTML"}},
    Signature{"mime-version:", {FileFormat::markup, "a web archive (MHTML)"}},
};

FileKind kind_of_xml(std::string_view text) {
  const bool excel = text.find("urn:schemas-microsoft-com:office:spreadsheet") != text.npos ||
                     text.find("progid=\"excel.sheet\"") != text.npos;
  if (excel) return {FileFormat::markup, "an XML spreadsheet of Excel 2003"};
  const bool html = text.find("<html") != text.npos || text.find("<!doctype html") != text.npos;
  if (html) return {FileFormat::markup, "HTML"};
  return {FileFormat::other, "XML"};
}

/// Control characters other than white space: one in a hundred is no text any more.
bool looks_binary(std::string_view start) {
  const auto controls = std::count_if(start.begin(), start.end(), [](unsigned char c) {
    return (c < 0x20 && (c < '\t' || c > '\r')) || c == 0x7F;
  });
  return static_cast<std::size_t>(controls) * 100 > start.size() ||
         start.find('\0') != std::string_view::npos;
}

FileKind kind_of_text(std::string_view start) {
  if (looks_binary(start)) return {FileFormat::other, "binary data"};
  const std::string text = lower_case(trimmed(start));
  for (const Signature& markup : kMarkups) {
    if (text.starts_with(markup.bytes)) return markup.kind;
  }
  if (text.starts_with("<?xml") || text.starts_with("<?mso-")) return kind_of_xml(text);
  return {FileFormat::text, "text"};
}

/// The record BOF, with which the streams of .xls workbooks begin, in any version.
bool is_biff(Bytes start) {
  constexpr std::size_t kHeader = 4;
  constexpr unsigned kLeast = 4;
  constexpr unsigned kMost = 20;
  if (start.size() < kHeader || !is_bof(read_u16(start, 0))) return false;
  const unsigned size = read_u16(start, 2);
  return size >= kLeast && size <= kMost;
}

}  // namespace

FileKind file_kind(Bytes start) {
  if (start.empty()) return {FileFormat::other, "an empty file"};
  const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
  for (const Signature& signature : kSignatures) {
    if (text.starts_with(signature.bytes)) return signature.kind;
  }
  if (is_biff(start)) return {FileFormat::biff, "an .xls workbook without its container"};
  const auto [encoding, mark] = detect_encoding(start);
  TextBuffer decoded;
  Utf16Appender utf16(decoded);
  switch (encoding) {
    case Encoding::unmarked:
    case Encoding::utf8:
      return kind_of_text(text.substr(mark));
    case Encoding::utf16_le:
      utf16.append(start.subspan(mark));
      break;
    case Encoding::utf16_be:
      utf16.append_big_endian(start.subspan(mark));
      break;
    case Encoding::utf32:
      return {FileFormat::other, "UTF-32 text"};
  }
  return kind_of_text({decoded.data(), decoded.size()});
}

}  // namespace prism::sheet
