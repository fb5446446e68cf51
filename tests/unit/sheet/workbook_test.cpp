#include <filesystem>

#include <sys/stat.h>

#include "sheet_support.hpp"
#include "support/memory_source.hpp"
#include "xls_builder.hpp"
#include "zip_builder.hpp"

namespace prism::sheet::test {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

std::string damage_of_content(const std::string& content) {
  const TemporaryFile file("book.xls", content);
  return damage_of([&] { count_cells(file.path()); });
}

/// Whether such a file is refused as what it is.
void check_refused(const std::string& content, const std::string& found) {
  CAPTURE(found);
  const std::string message = damage_of_content(content);
  CAPTURE(message);
  CHECK(holds(message,
              "book.xls: not a workbook: found " + found + ", expected .xls, .xlsx or .csv"));
}

ErrorCode code_of(const std::filesystem::path& file) {
  try {
    open_workbook(file);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::done;
}

}  // namespace

TEST_CASE("sheet: names of cells") {
  CHECK(cell_name(0, 0) == "A1");
  CHECK(cell_name(6, 25) == "Z7");
  CHECK(cell_name(6, 26) == "AA7");
  CHECK(cell_name(0, 701) == "ZZ1");
  CHECK(cell_name(0, 702) == "AAA1");
  CHECK(cell_name(1048575, 16383) == "XFD1048576");
}

TEST_CASE("sheet: workbooks are known by their content, not by their names") {
  const BuiltXlsx xlsx{"<row><c><v>1</v></c></row>", "", "", ""};
  const TemporaryFile xlsx_named_xls("book.xls", xlsx.file());
  CHECK(open_workbook(xlsx_named_xls.path())->format() == "xlsx");
  const TemporaryFile xls_named_csv("book.csv",
                                    xls_file(record(0x0204, cell(0, 0) + compressed("x"))));
  CHECK(open_workbook(xls_named_csv.path())->format() == "xls");
  const TemporaryFile csv_named_xlsx("book.xlsx", "1,2\na,b\n");
  CHECK(open_workbook(csv_named_xlsx.path())->format() == "csv");
  const TemporaryFile utf16_named_xls("book.xls", "\xFF\xFE"s + utf16(u"1\t2\r\na\tb\r\n"));
  CHECK(open_workbook(utf16_named_xls.path())->format() == "csv");
  CHECK(lines_of(utf16_named_xls.path()) == Lines{"1: A=\"1\" B=\"2\"", "2: A=\"a\" B=\"b\""});
}

TEST_CASE("sheet: workbooks that lie in memory") {
  const auto open = [](std::string content) {
    return open_workbook(std::make_unique<MemorySource>(std::move(content)), "some/book.xls");
  };
  const BuiltXlsx xlsx{"<row><c><v>1</v></c></row>", "", "", ""};
  CHECK(lines_of(*open(xlsx.file())->rows(0)) == Lines{"1: A=1"});
  const auto xls = open(xls_file(record(0x0204, cell(0, 0) + compressed("x"))));
  CHECK(lines_of(*xls->rows(0)) == Lines{"1: A=\"x\""});
  CHECK(lines_of(*open("1,2\na,b\n")->rows(0)).size() == 2);
  CHECK(damage_of([&] { open("%PDF-1.7\n"); }) ==
        "some/book.xls: not a workbook: found PDF, expected .xls, .xlsx or .csv");
}

TEST_CASE("sheet: what is no workbook is refused by name") {
  check_refused("", "an empty file");
  check_refused("\xEF\xBB\xBF\n <!DOCTYPE HTML><html></html>", "HTML");
  check_refused("<TABLE><tr><td>1</td></tr></TABLE>", "HTML");
  check_refused("<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>",
                "an XML spreadsheet of Excel 2003");
  check_refused(
      "<?xml version=\"1.0\"?>\n<Workbook "
      "xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>",
      "an XML spreadsheet of Excel 2003");
  check_refused("<?xml version=\"1.0\"?><!DOCTYPE html><html/>", "HTML");
  check_refused("<?xml version=\"1.0\"?><a/>", "XML");
  check_refused("MIME-Version: 1.0\r\nContent-Type: multipart/related", "a web archive (MHTML)");
  check_refused("%PDF-1.7\n", "PDF");
  check_refused("{\\rtf1", "RTF");
  check_refused("\x1F\x8B\x08"s, "a gzip archive");
  check_refused("PK\x05\x06"s + std::string(18, '\0'), "an empty zip archive");
  check_refused("\xFF\xFE"s + utf16(u" <html><table></table></html>"), "HTML");
  check_refused(utf16(u"<?xml version='1.0' encoding='UTF-16'?><a/>"), "XML");
  check_refused("\xFE\xFF\0<\0h\0t\0m\0l\0>"s, "HTML");
  check_refused("\xFF\xFE\0\0001\0\0\0"s, "UTF-32 text");
  check_refused("\xFF\xFE"s + utf16(u"a\u0001\u0002"), "binary data");
  check_refused("\x09\x04\x03\x00\x00\x00\x10"s, "binary data");
  check_refused("SQLite format 3\0 and more"s, "an SQLite database");
  check_refused("text with a \0 in it"s, "binary data");
  check_refused(std::string("\x01\x02\x03\x04"), "binary data");
}

TEST_CASE("sheet: files that cannot be read") {
  const TemporaryFile file("book.xls", "a,b\n");
  const auto folder = file.path().parent_path();
  CHECK(code_of(folder / "missing.xls") == ErrorCode::input_missing);
  CHECK(code_of(file.path() / "below a file.xls") == ErrorCode::input_missing);
  CHECK(holds(damage_of([&] { open_workbook(folder); }), ": found a folder, expected a workbook"));
  const auto fifo = folder / "fifo.xls";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(holds(damage_of([&] { open_workbook(fifo); }), "found no regular file"));
}

TEST_CASE("sheet: xls sheets with their names and states") {
  const std::string stream =
      workbook_stream("", {{"First", record(0x0204, cell(0, 0) + compressed("1")), 0, 0},
                           {"Hidden", "", 1, 0},
                           {"Very", record(0x0204, cell(0, 0) + compressed("3")), 2, 0},
                           {"Chart", "", 0, 2}});
  const TemporaryFile file("book.xls", compound_file({{"Workbook", stream}}));
  const auto book = open_workbook(file.path());
  CHECK(book->format() == "xls");
  const auto sheets = book->sheets();
  REQUIRE(sheets.size() == 4);
  CHECK(sheets[0].name == "First");
  CHECK(sheets[0].visibility == Visibility::visible);
  CHECK(sheets[1].visibility == Visibility::hidden);
  CHECK(sheets[2].visibility == Visibility::very_hidden);
  CHECK(sheets[3].name == "Chart");
  CHECK_FALSE(sheets[3].worksheet);
  CHECK(lines_of(*book->rows(1)).empty());
  CHECK(lines_of(*book->rows(2)) == Lines{"1: A=\"3\""});
  CHECK(holds(damage_of([&] { book->rows(3); }), "sheet 'Chart': found a chart or macro sheet"));
}

TEST_CASE("sheet: xls of 4096-byte sectors, scattered, and below 4096 bytes") {
  const std::string records = record(0x0204, cell(0, 0) + compressed(std::string(6000, 'x')));
  const std::string large = workbook_stream("", {{"S", records}});
  for (const CompoundOptions options :
       {CompoundOptions{12, false}, CompoundOptions{12, true}, CompoundOptions{9, true}}) {
    const TemporaryFile file("book.xls", compound_file({{"Workbook", large}}, options));
    CHECK(lines_of(file.path()) == Lines{"1: A=\"" + std::string(6000, 'x') + "\""});
  }
}

TEST_CASE("sheet: compound files that are no workbooks, or none that can be read") {
  CHECK(holds(damage_of_content(compound_file({{"WordDocument", "x"}})), "found a Word document"));
  CHECK(
      holds(damage_of_content(compound_file({{"other", "x"}})), "an OLE2 file without a workbook"));
  CHECK(holds(damage_of_content(compound_file({{"EncryptedPackage", "x"}, {"Workbook", "x"}})),
              "book.xls: encrypted: the workbook is protected by a password"));
  CHECK(holds(damage_of_content(compound_file({{"Book", bof(5, 0x0500) + eof()}})),
              "book.xls: the workbook has no sheets"));
  CHECK(
      holds(damage_of_content(compound_file({{"Workbook", ""}})), "the workbook stream is empty"));
  CHECK(holds(damage_of_content(compound_file({{"Workbook", eof()}})),
              "found a record of type 10 at offset 0, expected the start of a substream (BOF)"));
  CHECK(holds(damage_of_content(compound_file({{"Workbook", bof(5) + eof()}})), "has no sheets"));
}

TEST_CASE("sheet: xls sheet that lies nowhere or at another place") {
  std::string stream = workbook_stream("", {{"S", ""}});
  const std::size_t offset = bof(5).size() + 4;
  overwrite(stream, offset, le32(3));
  CHECK(holds(damage_of_content(compound_file({{"Workbook", stream}})), "sheet 'S': "));
  overwrite(stream, offset, le32(0x7FFFFFFF));
  CHECK(holds(damage_of_content(compound_file({{"Workbook", stream}})),
              "sheet 'S': truncated: its substream is not there"));
}

}  // namespace prism::sheet::test
