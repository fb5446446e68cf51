#include <charconv>
#include <cstdint>
#include <utility>

#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/read_ahead.hpp>
#include <prism/sheet/xlsx_globals.hpp>
#include <prism/sheet/xlsx_text.hpp>
#include <prism/sheet/xml_reader.hpp>

namespace prism::sheet {
namespace {

Visibility visibility_of(std::string_view state) {
  if (state == "hidden") return Visibility::hidden;
  return state == "veryHidden" ? Visibility::very_hidden : Visibility::visible;
}

std::string unescaped(std::string_view text) {
  TextBuffer out;
  append_unescaped(out, text);
  return {out.data(), out.size()};
}

class WorkbookHandler : public XmlHandler {
 public:
  explicit WorkbookHandler(const std::vector<Relationship>& relationships)
      : relationships_(relationships) {}

  void start(std::string_view element, const XmlTokenizer& xml) override {
    if (depth_++ == 0 && element != "workbook") {
      throw Damage("not a workbook: found the element " + in_quotes(element) +
                   ", expected 'workbook'");
    }
    if (element == "workbookPr") {
      sheets.date1904 = xml_true(xml.attribute_or_empty("date1904"));
    } else if (element == "sheets") {
      in_sheets_ = true;
    } else if (element == "sheet" && in_sheets_) {
      add_sheet(xml);
    }
  }

  void end(std::string_view element) override {
    --depth_;
    if (element == "sheets") in_sheets_ = false;
  }

  XlsxSheets sheets;

 private:
  /// What kind of sheet it is, the relationship tells.
  void add_sheet(const XmlTokenizer& xml) {
    constexpr std::size_t kMost = 10'000;
    if (sheets.infos.size() == kMost) throw Damage("found more than 10000 sheets");
    const auto id = xml.relationship_id();
    const Relationship* relationship = id ? find_by_id(relationships_, *id) : nullptr;
    SheetInfo info;
    info.name = unescaped(xml.attribute_or_empty("name"));
    info.visibility = visibility_of(xml.attribute_or_empty("state"));
    info.worksheet = relationship == nullptr || relationship->type == "worksheet";
    sheets.infos.push_back(std::move(info));
    sheets.parts.push_back(relationship == nullptr ? std::string() : relationship->target);
  }

  const std::vector<Relationship>& relationships_;
  unsigned depth_ = 0;
  bool in_sheets_ = false;
};

std::uint32_t format_id(std::string_view text) {
  std::uint32_t id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

/// `numFmt` also stands in `dxfs`, `xf` also in `cellStyleXfs`: only those that cells refer to
/// count.
class StylesHandler : public XmlHandler {
 public:
  explicit StylesHandler(CellFormats& formats) : formats_(formats) {}

  void start(std::string_view element, const XmlTokenizer& xml) override {
    if (element == "numFmts" || element == "cellXfs") {
      inside_ = element == "numFmts" ? Inside::codes : Inside::cell_formats;
    } else if (inside_ == Inside::codes && element == "numFmt") {
      formats_.add_code(format_id(xml.attribute_or_empty("numFmtId")),
                        xml.attribute_or_empty("formatCode"));
    } else if (inside_ == Inside::cell_formats && element == "xf") {
      formats_.add_cell_format(format_id(xml.attribute_or_empty("numFmtId")));
    }
  }

  void end(std::string_view element) override {
    if (element == "numFmts" || element == "cellXfs") inside_ = Inside::nothing;
  }

 private:
  enum class Inside : std::uint8_t { nothing, codes, cell_formats };

  CellFormats& formats_;
  Inside inside_ = Inside::nothing;
};

class StringsHandler : public XmlHandler {
 public:
  explicit StringsHandler(StringArena& strings) : strings_(strings) {}

  void start(std::string_view element, const XmlTokenizer& xml) override {
    if (element == "si") {
      text_.clear();
    } else {
      text_.start(xml);
    }
  }

  void end(std::string_view element) override {
    text_.end(element);
    if (element != "si") return;
    append_unescaped(strings_.text(), text_.escaped());
    strings_.end_string();
  }

  void text(const XmlText& piece) override { text_.text(piece); }

 private:
  StringArena& strings_;
  RichText text_;
};

}  // namespace

XlsxSheets read_xlsx_sheets(const ZipArchive& archive, std::string_view workbook_part,
                            const std::vector<Relationship>& relationships) {
  WorkbookHandler handler(relationships);
  read_xml(archive.open(workbook_part), workbook_part, handler);
  return std::move(handler.sheets);
}

void read_xlsx_styles(const ZipArchive& archive, std::string_view part, CellFormats& formats) {
  StylesHandler handler(formats);
  read_xml(archive.open(part), part, handler);
  formats.resolve();
}

void read_xlsx_strings(const ZipArchive& archive, std::string_view part, StringArena& strings) {
  StringsHandler handler(strings);
  read_xml(read_ahead(archive.open(part)), part, handler);
}

}  // namespace prism::sheet
