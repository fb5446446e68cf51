#include <utility>

#include <prism/base/error.hpp>
#include <prism/sheet/xls_rows.hpp>
#include <prism/sheet/xls_values.hpp>

namespace prism::sheet {
namespace {

/// BIFF8 has 256 ([MS-XLS] section 2.5.51 Col256U); what some program wrote beyond them is read
/// too.
constexpr std::uint32_t kColumns = 16384;

}  // namespace

/// What a sheet says of its version does not matter: some programs leave there what it was before
/// the workbook was saved in another one.
XlsRows::XlsRows(const ByteSource& stream, const XlsSheet& sheet, RowOrder order, std::string where)
    : records_(stream, sheet.offset),
      order_(order),
      globals_(*sheet.globals),
      formats_(*globals_.formats),
      text_(globals_.version, globals_.code_page),
      where_(std::move(where)),
      builder_(kColumns, globals_.date1904) {
  if (globals_.cipher) records_.set_cipher(globals_.cipher->clone());
  if (!records_.next(record_)) throw Damage("truncated: its substream is not there");
  parse_bof(record_, globals_.version);
}

bool XlsRows::next(Row& row) {
  const auto place = [this] { return where_ + ", row " + std::to_string(row_ + 1) + ": "; };
  try {
    return read_row(row);
  } catch (const OutOfOrder& damage) {
    throw RowsOutOfOrder(place() + damage.what());
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data, place() + damage.what());
  }
}

bool XlsRows::read_row(Row& row) {
  builder_.clear();
  while (held_ || next_cell_record()) {
    const std::uint32_t found = read_u16(record_.data, 0);
    if (starts_other_row(found)) {
      held_ = true;
      row = builder_.finish(std::exchange(row_, found));
      return true;
    }
    held_ = false;
    take_cell();
  }
  if (builder_.empty()) return false;
  row = builder_.finish(row_);
  return true;
}

/// Cells of another row follow. Where none of the row at hand is there, that one is the row at
/// hand.
bool XlsRows::starts_other_row(std::uint32_t row) {
  if (row == row_) return false;
  if (row < row_ && order_ == RowOrder::streamed) throw OutOfOrder(std::exchange(row_, row) + 1);
  if (!builder_.empty()) return true;
  row_ = row;
  return false;
}

/// Moves to the next record that is a cell of the sheet itself. False at the sheet's end, which
/// some programs do not mark with an EOF record.
bool XlsRows::next_cell_record() {
  while (!ended_ && records_.next(record_)) {
    if (nested_ == 0 && is_xls_cell(record_.type)) [[likely]]
      return true;
    if (is_bof(record_.type)) {
      ++nested_;
    } else if (record_.type == biff::kEof) {
      ended_ = nested_ == 0;
      if (!ended_) --nested_;
    } else if (nested_ == 0) {
      take_companion();
    }
  }
  ended_ = true;
  return false;
}

/// Records that say something of the cell before or behind them.
void XlsRows::take_companion() {
  if (record_.type == biff::kString || record_.type == biff::kString2) take_formula_string();
  if (record_.type == biff::kIxfe2) ixfe_ = read_u16(record_.data, 0);
}

/// All cells but those of BIFF2 begin with row, column and format ([MS-XLS] section 2.5.13 Cell).
void XlsRows::take_cell() {
  const Bytes data = record_.data;
  const std::uint32_t column = read_u16(data, 2);
  const std::uint16_t format = read_u16(data, 4);
  formula_column_.reset();
  switch (record_.type) {
    case biff::kLabelSst:
      return take_label_sst(data);
    case biff::kNumber:
      return take_number(column, format, read_f64(data, 6));
    case biff::kRk:
      return take_number(column, format, rk_value(read_u32(data, 6)));
    case biff::kMulRk:
      return take_multiple_rk(data);
    case biff::kFormula:
      if (globals_.version == BiffVersion::biff2) return take_old_cell(data);
      return take_result(column, format, rest_of(data, 6));
    case biff::kBoolErr:
      return take_boolean_or_error(column, read_u8(data, 6), read_u8(data, 7) != 0);
    case biff::kLabel:
    case biff::kRString:
      // The formatting runs behind the text do not matter ([MS-XLS] section 2.4.148).
      return take_text(column, rest_of(data, 8), read_u16(data, 6));
    default:
      return take_old_cell(data);
  }
}

/// The cells of BIFF2 begin with row, column and three bytes of attributes. Formulas have another
/// number in each of the versions before BIFF5.
void XlsRows::take_old_cell(Bytes data) {
  constexpr std::size_t kValue = 7;
  const std::uint32_t column = read_u16(data, 2);
  const std::uint16_t format = old_format(data);
  switch (record_.type) {
    case biff::kFormula3:
    case biff::kFormula4:
      return take_result(column, read_u16(data, 4), rest_of(data, 6));
    case biff::kInteger2:
      return take_number(column, format, read_u16(data, kValue));
    case biff::kNumber2:
      return take_number(column, format, read_f64(data, kValue));
    case biff::kLabel2:
      return take_text(column, rest_of(data, kValue + 1), read_u8(data, kValue));
    case biff::kBoolErr2:
      return take_boolean_or_error(column, read_u8(data, kValue), read_u8(data, kValue + 1) != 0);
    default:
      return take_result(column, format, rest_of(data, kValue));
  }
}

/// The attributes hold the number of a cell format, which may stand in an IXFE record instead, and
/// that of a number format, which counts when the file has no cell formats.
std::uint16_t XlsRows::old_format(Bytes data) const {
  constexpr unsigned kInIxfe = 63;
  if (globals_.formats_in_cells) return read_u8(data, 5) & 0x3FU;
  const unsigned format = read_u8(data, 4) & 0x3FU;
  return static_cast<std::uint16_t>(format == kInIxfe ? ixfe_ : format);
}

/// [MS-XLS] section 2.4.149
void XlsRows::take_label_sst(Bytes data) {
  const std::uint32_t column = read_u16(data, 2);
  const std::uint32_t string = read_u32(data, 6);
  if (string >= globals_.strings.size()) {
    throw Damage("cell " + cell_name(row_, column) + " refers to shared string " +
                 std::to_string(string) + " of " + std::to_string(globals_.strings.size()));
  }
  builder_.add_text(column, globals_.strings[string]);
}

/// [MS-XLS] section 2.4.175: format and number of each cell, and at the end the last column.
void XlsRows::take_multiple_rk(Bytes data) {
  constexpr std::size_t kBefore = 4;
  constexpr std::size_t kEach = 6;
  constexpr std::size_t kBehind = 2;
  std::uint32_t column = read_u16(data, 2);
  for (std::size_t at = kBefore; at + kEach + kBehind <= data.size(); at += kEach) {
    take_number(column++, read_u16(data, at), rk_value(read_u32(data, at + 2)));
  }
}

void XlsRows::take_boolean_or_error(std::uint32_t column, unsigned value, bool error) {
  if (error) {
    builder_.add_error(column, xls_error_text(value));
  } else {
    builder_.add_boolean(column, value != 0);
  }
}

/// [MS-XLS] section 2.5.133 FormulaValue: the upper two bytes tell a number from all else.
void XlsRows::take_result(std::uint32_t column, std::uint16_t format, Bytes result) {
  constexpr std::uint16_t kNoNumber = 0xFFFF;
  enum : std::uint8_t { kText = 0, kBoolean = 1, kError = 2 };
  if (read_u16(result, 6) != kNoNumber) return take_number(column, format, read_f64(result, 0));
  const std::uint8_t kind = read_u8(result, 0);
  if (kind == kText) {
    formula_column_ = column;
  } else if (kind == kBoolean || kind == kError) {
    take_boolean_or_error(column, read_u8(result, 2), kind == kError);
  }
}

/// [MS-XLS] section 2.4.268. Between it and its FORMULA may stand SHRFMLA, ARRAY or TABLE.
void XlsRows::take_formula_string() {
  if (!formula_column_) return;
  const bool old = record_.type == biff::kString2;
  const std::size_t length = old ? read_u8(record_.data, 0) : read_u16(record_.data, 0);
  take_text(*formula_column_, rest_of(record_.data, old ? 1 : 2), length);
  formula_column_.reset();
}

void XlsRows::take_text(std::uint32_t column, Bytes data, std::size_t length) {
  ContinuedReader from(records_, data);
  text_.append(from, length, builder_.text());
  builder_.end_text(column);
}

}  // namespace prism::sheet
