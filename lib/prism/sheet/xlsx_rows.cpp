#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/sheet/damage.hpp>
#include <prism/sheet/iso_date.hpp>
#include <prism/sheet/xlsx_rows.hpp>

namespace prism::sheet {
namespace {

// The limits of Excel since 2007.
constexpr std::uint32_t kRows = 1048576;
constexpr std::uint32_t kColumns = 16384;
/// No value is longer; a text of that many characters may be, with its escapes.
constexpr std::size_t kMostValue = std::size_t{16} << 20;

[[noreturn]] void throw_unexpected(std::string_view found, std::string_view expected) {
  throw Damage("found " + in_quotes(found) + ", expected " + std::string(expected));
}

/// The error that the reader has no room for: an own copy would have to live as long as the row.
std::string_view known_error(std::string_view text) {
  for (const std::string_view error :
       {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA",
        "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#BUSY!", "#UNKNOWN!"}) {
    if (text == error) return error;
  }
  return {};
}

template <typename Integer>
bool parse_whole(std::string_view text, Integer& value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

/// Of a number that a double cannot hold: whether that is because it is so near to 0.
bool too_small(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  const bool exponent = digits.find_first_of("eE") != digits.npos;
  return exponent ? digits.find('-') != digits.npos : digits.starts_with("0");
}

std::uint32_t row_number(std::string_view text) {
  std::uint32_t number = 0;
  if (!parse_whole(text, number) || number == 0 || number > kRows) {
    throw_unexpected(text, "a row number from 1 to 1048576");
  }
  return number - 1;
}

/// Splits `B7` into column 1 and the text `7`.
std::uint32_t take_column(std::string_view& reference) {
  const std::string_view whole = reference;
  std::uint32_t number = 0;
  while (!reference.empty()) {
    const char letter = static_cast<char>(reference[0] & ~0x20);
    if (letter < 'A' || letter > 'Z') break;
    number = number * 26 + static_cast<std::uint32_t>(letter - 'A' + 1);
    if (number > kColumns) break;
    reference.remove_prefix(1);
  }
  if (number == 0 || number > kColumns) throw_unexpected(whole, "a cell from A1 to XFD1048576");
  return number - 1;
}

}  // namespace

XlsxSheetHandler::XlsxSheetHandler(const StringArena& strings, const CellFormats& formats,
                                   bool date1904)
    : strings_(strings), formats_(formats), builder_(kColumns, date1904) {}

void XlsxSheetHandler::start(std::string_view element, const XmlAttributes& attributes) {
  if (skipped_depth_ > 0) {
    ++skipped_depth_;
  } else if (inside_ == Inside::inline_string) {
    inline_text_.start(element);
  } else if (inside_ == Inside::cell && element == "v") {
    inside_ = Inside::value;
  } else if (inside_ == Inside::cell && element == "is") {
    inside_ = Inside::inline_string;
    has_inline_text_ = true;
  } else if (inside_ == Inside::row && element == "c") {
    start_cell(attributes);
  } else if (inside_ == Inside::sheet_data && element == "row") {
    start_row(attributes);
  } else if (inside_ != Inside::nothing) {
    skipped_depth_ = 1;  // a formula or an extension
  } else if (element == "sheetData") {
    inside_ = Inside::sheet_data;
  }
}

/// What was skipped apart, the element that ends is the one that `inside_` names.
void XlsxSheetHandler::end(std::string_view element) {
  if (skipped_depth_ > 0) {
    --skipped_depth_;
    return;
  }
  switch (inside_) {
    case Inside::inline_string:
      if (element != "is") return inline_text_.end(element);
      inside_ = Inside::cell;
      return;
    case Inside::value:
      inside_ = Inside::cell;
      return;
    case Inside::cell:
      return end_cell();
    case Inside::row:
      return end_row();
    case Inside::sheet_data:
      finished_ = true;
      return reader_->pause();
    case Inside::nothing:
      return;
  }
}

void XlsxSheetHandler::text(std::string_view piece) {
  if (inside_ == Inside::inline_string) return inline_text_.text(piece);
  if (inside_ != Inside::value || skipped_depth_ > 0) return;
  if (value_.size() + piece.size() > kMostValue) throw Damage("found a value longer than 16 MiB");
  value_ += piece;
}

std::string XlsxSheetHandler::position() const {
  const bool in_cell =
      inside_ == Inside::cell || inside_ == Inside::value || inside_ == Inside::inline_string;
  return in_cell ? "cell " + cell_name(row_, column_) : "row " + std::to_string(row_ + 1);
}

/// [ECMA-376] part 1, section 18.3.1.73. A row that does not say its number follows the one before.
void XlsxSheetHandler::start_row(const XmlAttributes& attributes) {
  inside_ = Inside::row;
  next_column_ = 0;
  const auto number = attributes.get("r");
  row_named_ = number.has_value();
  set_row(number ? row_number(*number) : next_row_);
}

void XlsxSheetHandler::set_row(std::uint32_t row) {
  if (row < next_row_) {
    throw Damage("followed by row " + std::to_string(row + 1) + ", expected rows in rising order");
  }
  if (row >= kRows) throw Damage("found more than 1048576 rows");
  row_ = row;
}

void XlsxSheetHandler::end_row() {
  inside_ = Inside::sheet_data;
  next_row_ = row_ + 1;
  if (!builder_.empty()) reader_->pause();
}

/// [ECMA-376] part 1, section 18.3.1.4. A cell without a reference follows the one before.
void XlsxSheetHandler::start_cell(const XmlAttributes& attributes) {
  column_ = next_column_;
  if (const auto reference = attributes.get("r")) place_cell(*reference);
  if (column_ >= kColumns) throw Damage("found more than 16384 columns");
  next_column_ = column_ + 1;
  inside_ = Inside::cell;
  format_ = 0;
  const std::string_view format = attributes.get_or_empty("s");
  if (!format.empty() && !parse_whole(format, format_)) throw_unexpected(format, "a style index");
  type_ = attributes.get_or_empty("t");
  value_.clear();
  inline_text_.clear();
  has_inline_text_ = false;
}

void XlsxSheetHandler::place_cell(std::string_view reference) {
  std::string_view rest = reference;
  column_ = take_column(rest);
  const std::uint32_t row = row_number(rest);
  if (!row_named_) set_row(row);
  row_named_ = true;
  if (row != row_) throw_unexpected(reference, "a cell of row " + std::to_string(row_ + 1));
}

void XlsxSheetHandler::end_cell() {
  add_cell();
  inside_ = Inside::row;
}

/// [ECMA-376] part 1, section 18.18.11 ST_CellType
void XlsxSheetHandler::add_cell() {
  if (type_ == "inlineStr" || type_ == "str") return add_own_text();
  if (value_.empty()) return;
  if (type_.empty() || type_ == "n") return add_number();
  if (type_ == "s") return add_shared_string();
  if (type_ == "b") return add_boolean();
  if (type_ == "e") return add_error();
  if (type_ == "d") return add_date();
  throw_unexpected(type_, "a cell type: n, s, str, inlineStr, b, e or d");
}

void XlsxSheetHandler::add_number() {
  std::string_view text = trimmed(value_);
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return;
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) throw_unexpected(value_, "a number");
  if (error == std::errc::result_out_of_range) number = too_small(text) ? 0 : HUGE_VAL;
  builder_.add_number(column_, formats_.type(format_), number);
}

void XlsxSheetHandler::add_shared_string() {
  std::size_t index = 0;
  if (!parse_whole(trimmed(value_), index) || index >= strings_.size()) {
    throw_unexpected(value_, "one of " + std::to_string(strings_.size()) + " shared strings");
  }
  builder_.add_text(column_, strings_[index]);
}

void XlsxSheetHandler::add_boolean() {
  const std::string_view text = trimmed(value_);
  const bool yes = text == "1" || equals_ignoring_case(text, "true");
  if (!yes && text != "0" && !equals_ignoring_case(text, "false")) {
    throw_unexpected(value_, "a boolean: 0 or 1");
  }
  builder_.add_boolean(column_, yes);
}

void XlsxSheetHandler::add_error() {
  const std::string_view text = trimmed(value_);
  const std::string_view known = known_error(text);
  if (!known.empty()) return builder_.add_error(column_, known);
  append_text(builder_.text(), text);
  builder_.end_text(column_, CellType::error);
}

/// The cell's format says what of the date is shown, where it is a date's; else its text says it.
void XlsxSheetHandler::add_date() {
  const auto date = parse_iso_date(trimmed(value_));
  if (!date) throw_unexpected(value_, "a date such as 2001-03-21T10:15:30");
  const CellType shown = formats_.type(format_);
  builder_.add_day(column_, shown == CellType::number ? date->type : shown, date->days);
}

void XlsxSheetHandler::add_own_text() {
  append_unescaped(builder_.text(), has_inline_text_ ? inline_text_.escaped() : value_);
  builder_.end_text(column_);
}

XlsxRows::XlsxRows(ZipPart part, const StringArena& strings, const CellFormats& formats,
                   bool date1904, std::string where)
    : where_(std::move(where)),
      handler_(strings, formats, date1904),
      reader_(std::move(part), handler_) {
  handler_.pauses(reader_);
}

bool XlsxRows::next(Row& row) {
  handler_.clear();
  try {
    if (handler_.finished() || !reader_.read() || handler_.finished()) return false;
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data, where_ + ", " + handler_.position() + ": " + damage.what());
  }
  row = handler_.row();
  return true;
}

}  // namespace prism::sheet
