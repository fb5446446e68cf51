#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <prism/sheet/biff.hpp>
#include <prism/sheet/row_builder.hpp>
#include <prism/sheet/workbook.hpp>
#include <prism/sheet/xls_globals.hpp>

namespace prism::sheet {

/// The rows of one worksheet substream ([MS-XLS] section 2.1.7.20.5) of a BIFF8 workbook.
class XlsRows : public RowReader {
 public:
  /// `where` begins the error messages. `stream` and `globals` must outlive this.
  XlsRows(const ByteSource& stream, const XlsGlobals& globals, std::uint32_t offset,
          std::string where);

  bool next(Row& row) override;

 private:
  bool read_row(Row& row);
  bool next_cell_record();
  bool starts_other_row(std::uint32_t row);
  void take_cell();
  void take_label_sst(Bytes data);
  void take_label(Bytes data);
  void take_multiple_rk(Bytes data);
  void take_boolean_or_error(std::uint32_t column, unsigned value, bool error);
  void take_formula(Bytes data);
  void take_formula_string(Bytes data);
  void take_number(std::uint32_t column, std::uint16_t format, double value) {
    builder_.add_number(column, globals_.formats.type(format), value);
  }

  RecordReader records_;
  const XlsGlobals& globals_;
  std::string where_;
  RowBuilder builder_;
  Record record_;
  bool held_ = false;  ///< record_ belongs to the row after the one that was delivered
  bool ended_ = false;
  unsigned nested_ = 0;  ///< depth of the substreams within this one, such as charts
  std::uint32_t row_ = 0;
  std::optional<std::uint32_t> formula_column_;  ///< the formula whose text a STRING record brings
};

}  // namespace prism::sheet
