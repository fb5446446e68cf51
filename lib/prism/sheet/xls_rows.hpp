#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <prism/sheet/biff.hpp>
#include <prism/sheet/row_builder.hpp>
#include <prism/sheet/workbook.hpp>
#include <prism/sheet/xls_globals.hpp>
#include <prism/sheet/xls_text.hpp>

namespace prism::sheet {

/// The rows of one worksheet substream ([MS-XLS] section 2.1.7.20.5) of any version. The type of a
/// record tells how it is laid out, its strings and FORMULA excepted.
class XlsRows : public RowReader {
 public:
  /// `where` begins the error messages. `stream` and `sheet` must outlive this. With
  /// RowOrder::sorted the rows come as they are stored, for SortedRows to sort.
  XlsRows(const ByteSource& stream, const XlsSheet& sheet, RowOrder order, std::string where);

  bool next(Row& row) override;

 private:
  bool read_row(Row& row);
  bool next_cell_record();
  void take_companion();
  bool starts_other_row(std::uint32_t row);
  void take_cell();
  void take_old_cell(Bytes data);
  void take_label_sst(Bytes data);
  void take_multiple_rk(Bytes data);
  void take_boolean_or_error(std::uint32_t column, unsigned value, bool error);
  void take_result(std::uint32_t column, std::uint16_t format, Bytes result);
  void take_formula_string();
  void take_text(std::uint32_t column, Bytes data, std::size_t length);
  std::uint16_t old_format(Bytes data) const;
  void take_number(std::uint32_t column, std::uint16_t format, double value) {
    builder_.add_number(column, formats_.type(format), value);
  }

  RecordReader records_;
  const RowOrder order_;
  const XlsGlobals& globals_;
  const CellFormats& formats_;
  XlsText text_;
  std::string where_;
  RowBuilder builder_;
  Record record_;
  bool held_ = false;  ///< record_ belongs to the row after the one that was delivered
  bool ended_ = false;
  unsigned nested_ = 0;  ///< depth of the substreams within this one, such as charts
  std::uint32_t row_ = 0;
  std::uint16_t ixfe_ = 0;  ///< BIFF2: the cell format of cells that have no room for its number
  std::optional<std::uint32_t> formula_column_;  ///< the formula whose text a STRING record brings
};

}  // namespace prism::sheet
