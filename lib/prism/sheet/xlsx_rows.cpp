#include <algorithm>
#include <array>
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

/// False where the text is no number; infinite where no double is as great.
bool parse_number(std::string_view text, double& number) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (stop != end || error == std::errc::invalid_argument) return false;
  if (error == std::errc::result_out_of_range) number = too_small(text) ? 0 : HUGE_VAL;
  return true;
}

}  // namespace

/// [ECMA-376] part 1, section 18.18.11 ST_CellType
XlsxRows::ValueType XlsxRows::cell_type(std::string_view name) {
  if (name == "s") return ValueType::shared_string;
  if (name == "n" || name.empty()) return ValueType::number;
  if (name == "str" || name == "inlineStr") return ValueType::text;
  if (name == "b") return ValueType::boolean;
  if (name == "e") return ValueType::error;
  if (name == "d") return ValueType::date;
  throw_unexpected(name, "a cell type: n, s, str, inlineStr, b, e or d");
}

XlsxRows::XlsxRows(std::unique_ptr<ByteStream> part, const XlsxCells& cells, RowOrder order,
                   std::string where)
    : cells_(cells),
      order_(order),
      where_(std::move(where)),
      bytes_(std::move(part)),
      xml_(bytes_),
      builder_(kColumns, cells.date1904) {}

bool XlsxRows::next(Row& row) {
  const auto place = [this] { return where_ + ", " + position() + ": "; };
  try {
    return !finished_ && read_row(row);
  } catch (const OutOfOrder& damage) {
    throw RowsOutOfOrder(place() + damage.what());
  } catch (const Damage& damage) {
    throw Error(ErrorCode::bad_data, place() + damage.what());
  }
}

std::string XlsxRows::position() const {
  return in_cell_ ? "cell " + cell_name(row_, column_) : "row " + std::to_string(row_ + 1);
}

bool XlsxRows::read_row(Row& row) {
  builder_.clear();
  while (builder_.empty()) {
    const Token token = xml_.next();
    if (token == Token::start && !in_data_) {
      in_data_ = xml_.name() == "sheetData";
    } else if (token == Token::start && xml_.name() == "row") {
      take_row();
    } else if (token == Token::start) {
      xml_.skip_element();
    } else if (token == Token::finished || (token == Token::end && in_data_)) {
      finish();
      return false;
    }
  }
  row = builder_.finish(row_);
  return true;
}

/// What follows the cells is of no interest, but the part's checksum lies behind it.
void XlsxRows::finish() {
  finished_ = true;
  std::array<char, 16384> rest;
  while (bytes_.read(rest) > 0) {
  }
}

/// [ECMA-376] part 1, section 18.3.1.73. A row that does not say its number follows the one before;
/// where its first cell says another one, that counts.
void XlsxRows::take_row() {
  next_column_ = 0;
  row_begun_ = false;
  row_digits_.clear();
  const auto number = xml_.attribute("r");
  row_ = number ? row_number(*number) : next_row_;
  for (Token token = xml_.next(); token != Token::end; token = xml_.next()) {
    if (token == Token::start && xml_.name() == "c") {
      take_cell();
    } else if (token == Token::start) {
      xml_.skip_element();
    }
  }
  next_row_ = std::max(next_row_, row_ + 1);
}

/// The row of the first cell.
void XlsxRows::begin_row(std::uint32_t row) {
  row_begun_ = true;
  row_ = row;
  if (row < next_row_ && order_ == RowOrder::streamed) {
    throw OutOfOrder(next_row_);
  }
  if (row >= kRows) throw Damage("found more than 1048576 rows");
}

/// [ECMA-376] part 1, section 18.3.1.4. A cell without a reference follows the one before.
void XlsxRows::take_cell() {
  column_ = next_column_;
  if (const auto reference = xml_.attribute("r")) {
    place_cell(*reference);
  } else if (!row_begun_) {
    begin_row(row_);
  }
  if (column_ >= kColumns) throw Damage("found more than 16384 columns");
  next_column_ = column_ + 1;
  in_cell_ = true;
  format_ = 0;
  const auto format = xml_.attribute("s");
  if (format && !parse_whole(*format, format_)) throw_unexpected(*format, "a style index");
  const auto type = xml_.attribute("t");
  type_ = type ? cell_type(*type) : ValueType::number;
  for (Token token = xml_.next(); token != Token::end; token = xml_.next()) {
    if (token != Token::start) continue;
    if (xml_.name() == "v") {
      take_value();
    } else if (xml_.name() == "is") {
      take_inline_string();
    } else {
      xml_.skip_element();
    }
  }
  in_cell_ = false;
}

void XlsxRows::place_cell(std::string_view reference) {
  std::string_view rest = reference;
  column_ = take_column(rest);
  if (row_begun_ && rest == row_digits_) return;  // as in nearly all cells but the first
  const std::uint32_t row = row_number(rest);
  if (!row_begun_) begin_row(row);
  row_digits_ = rest;
  if (row != row_) throw_unexpected(reference, "a cell of row " + std::to_string(row_ + 1));
}

void XlsxRows::take_value() {
  if (const auto plain = xml_.plain_content()) {
    add_value(*plain);
    xml_.next();
    return;
  }
  value_.cut_to(0);
  for (Token token = xml_.next(); token != Token::end; token = xml_.next()) {
    if (token == Token::start) {
      xml_.skip_element();
    } else {
      if (value_.size() > kMostValue) throw Damage("found a value longer than 16 MiB");
      append_xml_text(value_, xml_.text());
    }
  }
  add_value({value_.data(), value_.size()});
}

void XlsxRows::take_inline_string() {
  inline_text_.clear();
  for (unsigned depth = 1; depth > 0;) {
    switch (xml_.next()) {
      case Token::start:
        ++depth;
        inline_text_.start(xml_);
        break;
      case Token::end:
        if (--depth > 0) inline_text_.end(xml_.name());
        break;
      default:
        inline_text_.text(xml_.text());
    }
  }
  add_text(inline_text_.escaped());
}

void XlsxRows::add_value(std::string_view value) {
  if (value.empty()) return;
  switch (type_) {
    case ValueType::number:
      return add_number(value);
    case ValueType::shared_string:
      return add_shared_string(value);
    case ValueType::text:
      return add_text(value);
    case ValueType::boolean:
      return add_boolean(value);
    case ValueType::error:
      return add_error(value);
    case ValueType::date:
      return add_date(value);
  }
}

/// What is no number, whatever its type says, stays as it is.
void XlsxRows::add_number(std::string_view value) {
  double number = 0;
  std::int32_t small = 0;
  if (value.size() < 10 && parse_whole(value, small)) {
    number = small;
  } else if (!parse_number(value, number)) {
    return trimmed(value).empty() ? void() : add_text(value);
  }
  builder_.add_number(column_, cells_.formats.type(format_), number);
}

void XlsxRows::add_shared_string(std::string_view value) {
  std::size_t index = 0;
  if ((!parse_whole(value, index) && !parse_whole(trimmed(value), index)) ||
      index >= cells_.strings.size()) {
    throw_unexpected(value, "one of " + std::to_string(cells_.strings.size()) + " shared strings");
  }
  builder_.add_text(column_, cells_.strings[index]);
}

void XlsxRows::add_boolean(std::string_view value) {
  const std::string_view text = trimmed(value);
  const bool yes = text == "1" || equals_ignoring_case(text, "true");
  if (!yes && text != "0" && !equals_ignoring_case(text, "false")) {
    throw_unexpected(value, "a boolean: 0 or 1");
  }
  builder_.add_boolean(column_, yes);
}

void XlsxRows::add_error(std::string_view value) {
  const std::string_view text = trimmed(value);
  const std::string_view known = known_error(text);
  if (!known.empty()) return builder_.add_error(column_, known);
  append_unescaped(builder_.text(), text);
  builder_.end_text(column_, CellType::error);
}

/// The cell's format says what of the date is shown, where it is a date's; else its text says it.
void XlsxRows::add_date(std::string_view value) {
  const auto date = parse_iso_date(trimmed(value));
  if (!date) return add_text(value);
  const CellType shown = cells_.formats.type(format_);
  builder_.add_day(column_, shown == CellType::number ? date->type : shown, date->days);
}

void XlsxRows::add_text(std::string_view escaped) {
  append_unescaped(builder_.text(), escaped);
  builder_.end_text(column_);
}

}  // namespace prism::sheet
