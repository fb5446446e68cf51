#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <prism/sheet/number_format.hpp>
#include <prism/sheet/row_builder.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/workbook.hpp>
#include <prism/sheet/xlsx_text.hpp>
#include <prism/sheet/xml_reader.hpp>

namespace prism::sheet {

/// The `sheetData` of a worksheet part ([ECMA-376] part 1, section 18.3.1.80), row by row: each row
/// that holds something pauses the reader.
class XlsxSheetHandler : public XmlHandler {
 public:
  XlsxSheetHandler(const StringArena& strings, const CellFormats& formats, bool date1904);

  /// To be set before the first call.
  void pauses(XmlReader& reader) { reader_ = &reader; }

  void start(std::string_view element, const XmlAttributes& attributes) override;
  void end(std::string_view element) override;
  void text(std::string_view piece) override;

  /// The row that the pause was for. It lives until `clear`.
  Row row() { return builder_.finish(row_); }
  void clear() { builder_.clear(); }
  bool finished() const { return finished_; }
  /// Where the reader stands: `row 7` or `cell B7`.
  std::string position() const;

 private:
  enum class Inside : std::uint8_t { nothing, sheet_data, row, cell, value, inline_string };

  void start_row(const XmlAttributes& attributes);
  void start_cell(const XmlAttributes& attributes);
  void place_cell(std::string_view reference);
  void set_row(std::uint32_t row);
  void end_row();
  void end_cell();
  void add_cell();
  void add_number();
  void add_shared_string();
  void add_date();
  void add_boolean();
  void add_error();
  void add_own_text();

  const StringArena& strings_;
  const CellFormats& formats_;
  RowBuilder builder_;
  XmlReader* reader_ = nullptr;
  Inside inside_ = Inside::nothing;
  unsigned skipped_depth_ = 0;  ///< depth within an element that does not matter
  bool finished_ = false;
  std::uint32_t next_row_ = 0;  ///< the lowest that may come
  std::uint32_t row_ = 0;
  bool row_named_ = false;  ///< whether the row, or a cell in it, says which row it is
  std::uint32_t next_column_ = 0;
  std::uint32_t column_ = 0;
  std::uint32_t format_ = 0;
  std::string type_;
  std::string value_;
  RichText inline_text_;
  bool has_inline_text_ = false;
};

class XlsxRows : public RowReader {
 public:
  /// `where` begins the error messages. `strings` and `formats` must outlive this.
  XlsxRows(ZipPart part, const StringArena& strings, const CellFormats& formats, bool date1904,
           std::string where);

  bool next(Row& row) override;

 private:
  std::string where_;
  XlsxSheetHandler handler_;
  XmlReader reader_;
};

}  // namespace prism::sheet
