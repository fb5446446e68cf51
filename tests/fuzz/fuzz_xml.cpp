// The input is an XML document, and a worksheet part if it is one.

#include <array>

#include <prism/sheet/sorted_rows.hpp>
#include <prism/sheet/xlsx_rows.hpp>

#include "check.hpp"

namespace prism::sheet::fuzz {
namespace {

constexpr std::size_t kWhole = 1 << 20;

/// What a document holds, in one text.
std::string tokens_of(XmlTokenizer& xml) {
  using Token = XmlTokenizer::Token;
  std::string tokens;
  for (;;) {
    const Token token = xml.next();
    if (token == Token::finished) return tokens;
    if (token == Token::text) {
      TextBuffer text;
      append_xml_text(text, xml.text());
      tokens.append(text.data(), text.size());
      continue;
    }
    tokens += token == Token::start ? "\n<" : "\n>";
    tokens += xml.name();
    if (token == Token::end) continue;
    for (const char* name : {"r", "s", "t", "name"}) {
      tokens += '\n';
      tokens += xml.attribute(name).value_or("-");
    }
    tokens += xml.relationship_id().value_or("-");
  }
}

std::string tokens_of(std::string_view document, std::size_t piece) {
  std::string tokens = "refused";
  accepted([&] {
    XmlBytes bytes(std::make_unique<PieceStream>(document, piece));
    XmlTokenizer xml(bytes);
    tokens = tokens_of(xml);
  });
  return tokens;
}

/// Cell formats of every type.
const CellFormats& formats() {
  static const CellFormats* const formats = [] {
    auto* made = new CellFormats;
    for (const std::uint32_t id : {0, 14, 22, 20, 46}) made->add_cell_format(id);
    made->resolve();
    return made;
  }();
  return *formats;
}

const StringArena& strings() {
  static const StringArena* const strings = [] {
    auto* made = new StringArena;
    for (const char* text : {"a", "", "\u20AC"}) {
      append_text(made->text(), text);
      made->end_string();
    }
    return made;
  }();
  return *strings;
}

ReadRows rows_of(std::string_view sheet, std::size_t piece, RowOrder order, bool date1904) {
  ReadRows read;
  accepted([&] {
    auto part = std::make_unique<PieceStream>(sheet, piece);
    const XlsxCells cells{strings(), formats(), date1904};
    auto rows = std::make_unique<XlsxRows>(std::move(part), cells, order, "fuzz");
    if (order == RowOrder::streamed) {
      read = read_rows(*rows);
    } else {
      read = read_rows(*std::make_unique<SortedRows>(std::move(rows), "fuzz"));
    }
  });
  return read;
}

void read_document(std::string_view document) {
  require_that(tokens_of(document, kWhole) == tokens_of(document, 1),
               "a document differs when read in pieces");
}

void read_sheet(std::string_view sheet) {
  const bool date1904 = sheet.size() % 2 != 0;
  const ReadRows whole = rows_of(sheet, kWhole, RowOrder::streamed, date1904);
  const ReadRows pieces = rows_of(sheet, 3, RowOrder::streamed, date1904);
  require_that(whole.rows == pieces.rows && whole.end == pieces.end,
               "a sheet differs when read in pieces");
  check_same(whole, rows_of(sheet, kWhole, RowOrder::sorted, date1904));
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet::fuzz;
  const std::string document = text_of(data, size);
  read_document(document);
  if (document.find("sheetData") != std::string::npos) read_sheet(document);
  return 0;
}
