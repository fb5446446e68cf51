#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <prism/sheet/number_format.hpp>
#include <prism/sheet/row_builder.hpp>
#include <prism/sheet/string_arena.hpp>
#include <prism/sheet/workbook.hpp>
#include <prism/sheet/xlsx_text.hpp>
#include <prism/sheet/xml_bytes.hpp>
#include <prism/sheet/xml_tokenizer.hpp>

namespace prism::sheet {

/// What the cells of a sheet refer to, which must outlive its rows.
struct XlsxCells {
  const StringArena& strings;
  const CellFormats& formats;
  bool date1904;
};

/// The rows of a worksheet part, `sheetData` ([ECMA-376] part 1, section 18.3.1.80).
class XlsxRows : public RowReader {
 public:
  /// `where` begins the error messages. With RowOrder::sorted the rows come as they are stored, for
  /// SortedRows to sort.
  XlsxRows(std::unique_ptr<ByteStream> part, const XlsxCells& cells, RowOrder order,
           std::string where);

  bool next(Row& row) override;

 private:
  using Token = XmlTokenizer::Token;

  enum class ValueType : std::uint8_t { number, shared_string, text, boolean, error, date };

  static ValueType cell_type(std::string_view name);

  bool read_row(Row& row);
  void finish();
  void take_row();
  void begin_row(std::uint32_t row);
  void take_cell();
  void place_cell(std::string_view reference);
  void take_value();
  void take_inline_string();
  void add_value(std::string_view value);
  void add_number(std::string_view value);
  void add_shared_string(std::string_view value);
  void add_date(std::string_view value);
  void add_boolean(std::string_view value);
  void add_error(std::string_view value);
  void add_text(std::string_view escaped);
  std::string position() const;

  const XlsxCells cells_;
  const RowOrder order_;
  std::string where_;
  XmlBytes bytes_;
  XmlTokenizer xml_;
  RowBuilder builder_;
  bool in_data_ = false;
  bool finished_ = false;
  std::uint32_t next_row_ = 0;  ///< the lowest that may come
  std::uint32_t row_ = 0;
  bool row_begun_ = false;  ///< it has a cell, so that its number is settled
  std::string row_digits_;  ///< how its last cell wrote it
  bool in_cell_ = false;
  std::uint32_t next_column_ = 0;
  std::uint32_t column_ = 0;
  std::uint32_t format_ = 0;
  ValueType type_ = ValueType::number;
  TextBuffer value_;  ///< where it is not plain
  RichText inline_text_;
};

}  // namespace prism::sheet
