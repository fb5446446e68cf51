#include <bit>
#include <string_view>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/sheet/xls_rows.hpp>

namespace prism::sheet {
namespace {

/// The most columns of BIFF8 ([MS-XLS] section 2.5.51 Col256U).
constexpr std::uint32_t kColumns = 256;

/// [MS-XLS] section 2.5.10 Bes
std::string_view error_text(unsigned code) {
  switch (code) {
    case 0x00:
      return "#NULL!";
    case 0x07:
      return "#DIV/0!";
    case 0x0F:
      return "#VALUE!";
    case 0x17:
      return "#REF!";
    case 0x1D:
      return "#NAME?";
    case 0x24:
      return "#NUM!";
    case 0x2A:
      return "#N/A";
    case 0x2B:
      return "#GETTING_DATA";
    default:
      return "#UNKNOWN!";
  }
}

/// [MS-XLS] section 2.5.217 RkNumber: 30 bits of an integer or the upper ones of a double; bit 0
/// says that it was multiplied by 100.
double rk_value(std::uint32_t rk) {
  const double value = (rk & 0x02) != 0 ? static_cast<double>(static_cast<std::int32_t>(rk) >> 2)
                                        : std::bit_cast<double>(std::uint64_t{rk & ~0x03U} << 32);
  return (rk & 0x01) != 0 ? value / 100 : value;
}

[[noreturn]] void throw_falling(std::uint32_t row) {
  throw Damage("followed by row " + std::to_string(row + 1) + ", expected rows in rising order");
}

/// BLANK and MULBLANK are not among them: they hold nothing.
bool is_cell(std::uint16_t type) {
  switch (type) {
    case biff::kLabelSst:
    case biff::kNumber:
    case biff::kRk:
    case biff::kMulRk:
    case biff::kFormula:
    case biff::kLabel:
    case biff::kRString:
    case biff::kBoolErr:
      return true;
    default:
      return false;
  }
}

}  // namespace

XlsRows::XlsRows(const ByteSource& stream, const XlsGlobals& globals, std::uint32_t offset,
                 std::string where)
    : records_(stream, offset),
      globals_(globals),
      where_(std::move(where)),
      builder_(kColumns, globals.date1904) {
  if (!records_.next(record_)) throw Damage("truncated: its substream is not there");
  require_biff8(record_);
}

bool XlsRows::next(Row& row) {
  try {
    return read_row(row);
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data,
                where_ + ", row " + std::to_string(row_ + 1) + ": " + damage.what());
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

/// Cells of a later row follow. Where none of the row at hand is there, that one is the row at
/// hand.
bool XlsRows::starts_other_row(std::uint32_t row) {
  if (row == row_) return false;
  if (row < row_) throw_falling(row);
  if (!builder_.empty()) return true;
  row_ = row;
  return false;
}

/// Moves to the next record that is a cell of the sheet itself. False at the sheet's end.
bool XlsRows::next_cell_record() {
  while (!ended_) {
    if (!records_.next(record_)) throw Damage("truncated: the sheet has no end (EOF record)");
    if (record_.type == biff::kBof) {
      ++nested_;
    } else if (record_.type == biff::kEof) {
      ended_ = nested_ == 0;
      if (!ended_) --nested_;
    } else if (nested_ == 0) {
      if (is_cell(record_.type)) return true;
      if (record_.type == biff::kString) take_formula_string(record_.data);
    }
  }
  return false;
}

/// All cells begin with row, column and format ([MS-XLS] section 2.5.13 Cell).
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
      return take_formula(data);
    case biff::kBoolErr:
      return take_boolean_or_error(column, read_u8(data, 6), read_u8(data, 7) != 0);
    default:
      return take_label(data);
  }
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

/// LABEL and RSTRING ([MS-XLS] section 2.4.148): the formatting runs behind the text do not matter.
void XlsRows::take_label(Bytes data) {
  const std::uint32_t column = read_u16(data, 2);
  const std::size_t length = read_u16(data, 6);
  ContinuedReader from(records_, data.subspan(8));
  append_unicode_string(from, length, builder_.text());
  builder_.end_text(column);
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
    builder_.add_error(column, error_text(value));
  } else {
    builder_.add_boolean(column, value != 0);
  }
}

/// [MS-XLS] section 2.5.133 FormulaValue: the upper two bytes tell a number from all else.
void XlsRows::take_formula(Bytes data) {
  constexpr std::uint16_t kNoNumber = 0xFFFF;
  enum : std::uint8_t { kText = 0, kBoolean = 1, kError = 2 };
  const std::uint32_t column = read_u16(data, 2);
  if (read_u16(data, 12) != kNoNumber) {
    return take_number(column, read_u16(data, 4), read_f64(data, 6));
  }
  const std::uint8_t kind = read_u8(data, 6);
  if (kind == kText) {
    formula_column_ = column;
  } else if (kind == kBoolean || kind == kError) {
    take_boolean_or_error(column, read_u8(data, 8), kind == kError);
  }
}

/// [MS-XLS] section 2.4.268. Between it and its FORMULA may stand SHRFMLA, ARRAY or TABLE.
void XlsRows::take_formula_string(Bytes data) {
  if (!formula_column_) return;
  const std::size_t length = read_u16(data, 0);
  ContinuedReader from(records_, data.subspan(2));
  append_unicode_string(from, length, builder_.text());
  builder_.end_text(*formula_column_);
  formula_column_.reset();
}

}  // namespace prism::sheet
