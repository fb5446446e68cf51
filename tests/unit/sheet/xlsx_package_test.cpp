#include <prism/sheet/opc_package.hpp>

#include "sheet_support.hpp"
#include "xls_builder.hpp"
#include "zip_builder.hpp"

namespace prism::sheet::test {
namespace {

using Lines = std::vector<std::string>;

const BuiltXlsx kBook{"<row><c t='s'><v>0</v></c></row>", "<si><t>x</t></si>", "", ""};

std::string damage_of_parts(const std::vector<BuiltPart>& parts) {
  const TemporaryFile file("book.xlsx", zip_file(parts));
  return damage_of([&] { count_cells(file.path()); });
}

Lines read_parts(const std::vector<BuiltPart>& parts) {
  const TemporaryFile file("book.xlsx", zip_file(parts));
  return lines_of(file.path());
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  for (; at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

std::vector<BuiltPart> without(std::vector<BuiltPart> parts, std::string_view name) {
  std::erase_if(parts, [name](const BuiltPart& part) { return part.name == name; });
  return parts;
}

}  // namespace

TEST_CASE("sheet: targets of relationships") {
  CHECK(resolve_target("", "xl/workbook.xml") == "xl/workbook.xml");
  CHECK(resolve_target("", "/xl/workbook.xml") == "xl/workbook.xml");
  CHECK(resolve_target("xl/workbook.xml", "worksheets/sheet1.xml") == "xl/worksheets/sheet1.xml");
  CHECK(resolve_target("xl/workbook.xml", "/other/s.xml") == "other/s.xml");
  CHECK(resolve_target("xl/a/b.xml", "../c%20d.xml") == "xl/c d.xml");
  CHECK(resolve_target("xl/workbook.xml", "./worksheets\\s.xml") == "xl/worksheets/s.xml");
  CHECK(resolve_target("xl/workbook.xml", "../../../../s.xml") == "s.xml");
  CHECK(resolve_target("a.xml", "100%.xml") == "100%.xml");
  CHECK(resolve_target("a.xml", "%") == "%");
  CHECK(resolve_target("a.xml", "") == "");
}

TEST_CASE("sheet: xlsx parts are found by their relationships, in any case") {
  auto parts = kBook.parts();
  part(parts, "_rels/.rels").replace(part(parts, "_rels/.rels").find("xl/workbook"), 11, "/A/Book");
  for (BuiltPart& each : parts) {
    if (each.name == "xl/workbook.xml") each.name = "a\\BOOK.xml";
    if (each.name == "xl/_rels/workbook.xml.rels") each.name = "A/_rels/book.xml.rels";
    if (each.name == "xl/sharedStrings.xml") each.name = "A/SHAREDSTRINGS.XML";
    if (each.name == "xl/worksheets/sheet1.xml") each.name = "/a/Worksheets/Sheet1.xml";
  }
  CHECK(read_parts(parts) == Lines{"1: A=\"x\""});
}

TEST_CASE("sheet: xlsx in the strict namespaces, with prefixes, and with none") {
  auto strict = kBook.parts();
  for (BuiltPart& each : strict) {
    if (holds(each.content, "http://schemas.openxmlformats.org/spreadsheetml/2006/main")) {
      replace(each.content, "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
              "http://purl.oclc.org/ooxml/spreadsheetml/main");
    }
    if (holds(each.content, "http://schemas.openxmlformats.org/officeDocument/2006")) {
      replace(each.content, "http://schemas.openxmlformats.org/officeDocument/2006",
              "http://purl.oclc.org/ooxml/officeDocument");
    }
  }
  CHECK(read_parts(strict) == Lines{"1: A=\"x\""});
  auto prefixed = kBook.parts();
  part(prefixed, "xl/worksheets/sheet1.xml") =
      "<y:worksheet "
      "xmlns:y='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><y:sheetData>"
      "<y:row><y:c><y:v>5</y:v></y:c></y:row></y:sheetData></y:worksheet>";
  replace(part(prefixed, "xl/workbook.xml"), "r:id", "zz:id");
  replace(part(prefixed, "xl/workbook.xml"), "xmlns:r", "xmlns:zz");
  CHECK(read_parts(prefixed) == Lines{"1: A=5"});
  auto bare = kBook.parts();
  part(bare, "xl/worksheets/sheet1.xml") =
      "<worksheet><sheetData><row><c><v>6</v></c></row></sheetData></worksheet>";
  CHECK(read_parts(bare) == Lines{"1: A=6"});
}

TEST_CASE("sheet: xlsx in UTF-16") {
  auto parts = kBook.parts();
  part(parts, "xl/sharedStrings.xml") =
      "\xFF\xFE" +
      utf16(u"<?xml version='1.0' encoding='UTF-16'?><sst><si><t>\u20AC</t></si></sst>");
  CHECK(read_parts(parts) == Lines{"1: A=\"\u20AC\""});
}

TEST_CASE("sheet: xlsx with sheets that are hidden or no worksheets") {
  auto parts = kBook.parts();
  replace(part(parts, "xl/workbook.xml"), "<sheets>",
          "<sheets><sheet name='H_x0026_' state='hidden' r:id='rId1'/>"
          "<sheet name='V' state='veryHidden' r:id='rId1'/><sheet name='C' r:id='rId9'/>");
  replace(part(parts, "xl/_rels/workbook.xml.rels"), "</Relationships>",
          "<Relationship Id='rId9' Type='http://schemas.openxmlformats.org/officeDocument/2006/"
          "relationships/chartsheet' Target='chartsheets/sheet1.xml'/></Relationships>");
  const TemporaryFile file("book.xlsx", zip_file(parts));
  const auto book = open_workbook(file.path());
  CHECK(book->format() == "xlsx");
  const auto sheets = book->sheets();
  REQUIRE(sheets.size() == 4);
  CHECK(sheets[0].name == "H&");
  CHECK(sheets[0].visibility == Visibility::hidden);
  CHECK(sheets[1].visibility == Visibility::very_hidden);
  CHECK_FALSE(sheets[2].worksheet);
  CHECK(sheets[3].visibility == Visibility::visible);
  CHECK(sheets[3].worksheet);
  CHECK(
      holds(damage_of([&] { book->rows(2); }), "sheet 'C': found a chart, macro or dialog sheet"));
  CHECK(lines_of(*book->rows(3)) == Lines{"1: A=\"x\""});
}

TEST_CASE("sheet: xlsx two sheets read at the same time") {
  const TemporaryFile file("book.xlsx", kBook.file());
  const auto book = open_workbook(file.path());
  const auto first = book->rows(0);
  const auto second = book->rows(0);
  CHECK(lines_of(*first) == lines_of(*second));
  Row row;
  CHECK_FALSE(first->next(row));
  CHECK_FALSE(first->next(row));
}

TEST_CASE("sheet: xlsx with parts missing") {
  const auto parts = kBook.parts();
  CHECK(holds(
      damage_of_parts(without(parts, "_rels/.rels")),
      "not a workbook: found a zip archive without a workbook, expected .xls, .xlsx or .csv"));
  CHECK(holds(damage_of_parts(without(parts, "xl/workbook.xml")),
              "book.xlsx: part 'xl/workbook.xml' is missing"));
  CHECK(holds(damage_of_parts(without(parts, "xl/worksheets/sheet1.xml")),
              "sheet 'Sheet1': part 'xl/worksheets/sheet1.xml' is missing"));
  CHECK(holds(damage_of_parts(without(parts, "xl/_rels/workbook.xml.rels")), "is missing"));
  CHECK(holds(damage_of_parts(without(parts, "xl/sharedStrings.xml")), "one of 0 shared strings"));
  CHECK(read_parts(without(without(parts, "xl/styles.xml"), "[Content_Types].xml")) ==
        Lines{"1: A=\"x\""});
}

TEST_CASE("sheet: packages that are no workbooks are refused by name") {
  const auto with_type = [](std::string_view type) {
    auto parts = kBook.parts();
    replace(part(parts, "[Content_Types].xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", type);
    return damage_of_parts(parts);
  };
  CHECK(holds(with_type("application/vnd.ms-excel.sheet.binary.macroEnabled.main"), "(.xlsb)"));
  CHECK(holds(with_type("application/vnd.openxmlformats-officedocument.wordprocessingml.document"
                        ".main+xml"),
              "found a Word document"));
  CHECK(holds(with_type("application/vnd.openxmlformats-officedocument.presentationml.presentation"
                        ".main+xml"),
              "found a PowerPoint presentation"));
  CHECK(holds(damage_of_parts({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}}),
              "found an OpenDocument spreadsheet (.ods)"));
  CHECK(holds(damage_of_parts({{"Index/Document.iwa", ""}}), "found an Apple Numbers document"));
  CHECK(
      holds(damage_of_parts({{"readme.txt", "hello"}}), "found a zip archive without a workbook"));
  auto parts = kBook.parts();
  part(parts, "xl/workbook.xml") = "<document/>";
  CHECK(holds(damage_of_parts(parts), "found the element 'document', expected 'workbook'"));
  part(parts, "xl/workbook.xml") = "<workbook/>";
  const TemporaryFile file("book.xlsx", zip_file(parts));
  CHECK(open_workbook(file.path())->sheets().empty());
}

TEST_CASE("sheet: xlsx with a document type declaration is refused") {
  auto parts = kBook.parts();
  std::string entities = "<!DOCTYPE sst [<!ENTITY a 'aaaaaaaaaa'>";
  for (char name = 'b'; name < 'l'; ++name) {
    const std::string before = std::string("&") + static_cast<char>(name - 1) + ";";
    entities += std::string("<!ENTITY ") + name + " '" + before + before + before + before + "'>";
  }
  part(parts, "xl/sharedStrings.xml") = entities + "]><sst><si><t>&k;</t></si></sst>";
  CHECK(holds(damage_of_parts(parts),
              "found a document type declaration with content, expected none"));
}

TEST_CASE("sheet: xlsx with absurd nesting, tags and texts is refused") {
  auto parts = kBook.parts();
  std::string& strings = part(parts, "xl/sharedStrings.xml");
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += "<r>";
  strings = "<sst>" + deep;
  CHECK(holds(damage_of_parts(parts), "elements are nested more than 256 deep"));
  strings = "<sst a='" + std::string(5 << 20, 'x') + "'></sst>";
  CHECK(holds(damage_of_parts(parts), "found a tag longer than 4 MiB"));
  strings = "<sst><si><t>" + std::string(17 << 20, 'x') + "</t></si></sst>";
  CHECK(holds(damage_of_parts(parts), "found a text longer than 16 MiB"));
}

TEST_CASE("sheet: xlsx whose sheets and relationships would fill the memory is refused") {
  const auto repeated = [](std::string_view text, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += text;
    return all;
  };
  auto parts = kBook.parts();
  replace(part(parts, "xl/workbook.xml"), "<sheets>", "<sheets>" + repeated("<sheet/>", 10000));
  CHECK(holds(damage_of_parts(parts), "found more than 10000 sheets"));
  parts = kBook.parts();
  std::string& links = part(parts, "xl/_rels/workbook.xml.rels");
  links = "<Relationships>" + repeated("<Relationship/>", 10001) + "</Relationships>";
  CHECK(holds(damage_of_parts(parts), "found more than 10000 relationships"));
  links = "<Relationships><Relationship Target='" + std::string(4097, 'x') + "'/></Relationships>";
  CHECK(holds(damage_of_parts(parts), "found a part's name longer than 4096 bytes"));
}

TEST_CASE("sheet: xlsx of which a byte was changed") {
  std::string content = kBook.file();
  const std::size_t at = content.find("<t>x</t>");
  REQUIRE(at != std::string::npos);
  content[at + 3] = 'y';
  const TemporaryFile file("book.xlsx", content);
  CHECK(holds(damage_of([&] { count_cells(file.path()); }), "its checksum (CRC) is wrong"));
}

}  // namespace prism::sheet::test
