#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <prism/base/date.hpp>
#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/gellish/table.hpp>
#include <prism/sheet/cell_text.hpp>

namespace prism::gellish {
namespace {

using sheet::Cell;
using sheet::CellType;

bool is_blank(const Cell& cell) {
  return cell.type == CellType::text && trimmed(cell.text).empty();
}

bool all_blank(const sheet::Row& row) {
  return std::all_of(row.cells.begin(), row.cells.end(), is_blank);
}

/// What an unsigned number of digits alone says, without leading zeros; nothing else.
std::optional<std::int64_t> canonical_integer(std::string_view text) {
  if (text.empty() || text.size() > 15 || (text[0] == '0' && text.size() > 1)) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<std::int64_t> integer_of(std::string_view text) {
  text = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<ColumnId> column_id_of(const Cell& cell) {
  constexpr std::int64_t kGreatestColumn = 1'000'000;
  if (cell.type == CellType::number) {
    if (cell.number < 0 || cell.number > kGreatestColumn ||
        std::floor(cell.number) != cell.number) {
      return std::nullopt;
    }
    return static_cast<ColumnId>(cell.number);
  }
  if (cell.type != CellType::text) return std::nullopt;
  std::string_view text = trimmed(cell.text);
  if (text.ends_with(".0")) text.remove_suffix(2);
  const auto value = canonical_integer(text);
  if (!value || *value > kGreatestColumn) return std::nullopt;
  return static_cast<ColumnId>(*value);
}

/// Whether most of a row is column IDs: a header with a typo is one too, a title is not.
bool is_header_of_ids(const sheet::Row& row) {
  const auto ids = std::count_if(row.cells.begin(), row.cells.end(),
                                 [](const Cell& cell) { return column_id_of(cell).has_value(); });
  return static_cast<std::size_t>(ids) * 2 > row.cells.size();
}

/// Line ends within a cell are LF in CSV; Excel and other writers leave CR LF too.
std::string with_plain_line_ends(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i];
  }
  return out;
}

std::string shown(const Cell& cell) {
  std::string out;
  sheet::append_cell_text(out, cell);
  return out;
}

/// Day 0 and the 29 February 1900 look like dates, but whoever reads the CSV would take them for
/// such.
std::string shown_as_no_date(Cell cell) {
  if (cell.type == CellType::date || cell.type == CellType::date_time) cell.type = CellType::number;
  return shown(cell);
}

constexpr std::string_view unreadable_reason(ValueKind kind) {
  switch (kind) {
    case ValueKind::uid:
      return "not a UID (a whole number from 1 to 2^53)";
    case ValueKind::date:
      return "not a date (an Excel date, 21-Mar-01, 03/21/2001 or 2001-03-21)";
    default:
      return "not a whole number";
  }
}

}  // namespace

int Header::find(ColumnId id) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [id](const Column& column) { return column.id == id; });
  return found == columns.end() ? -1 : static_cast<int>(found - columns.begin());
}

// ---- Record -------------------------------------------------------------------------------------

void Record::resize(std::size_t columns) {
  fields_.resize(columns);
  scratch_.resize(columns * kScratchSize);
}

void Record::clear(std::uint32_t row) {
  row_ = row;
  std::fill(fields_.begin(), fields_.end(), Field{});
  kept_.clear();
}

void Record::set_number(std::size_t field, std::int64_t number) {
  char* const begin = scratch(field);
  char* const end = std::to_chars(begin, begin + kScratchSize, number).ptr;
  fields_[field] = {{begin, static_cast<std::size_t>(end - begin)}, number, true};
}

std::string_view Record::keep(std::string text) { return kept_.emplace_back(std::move(text)); }

// ---- Table: the header --------------------------------------------------------------------------

Table::Table(sheet::RowReader& rows, Source source, TableForm form, IssueSink& issues)
    : rows_(rows), source_(std::move(source)), issues_(issues) {
  read_header(form);
  require_identifying_columns();
}

void Table::fail(std::uint32_t row, std::uint32_t position, const std::string& what) const {
  const std::string sheet = source_.sheet.empty() ? "" : "sheet " + in_quotes(source_.sheet) + ", ";
  throw Error(ErrorCode::bad_data, source_.file + ": " + sheet + "cell " +
                                       sheet::cell_name(row - 1, position) + ": " + what);
}

void Table::read_header(TableForm form) {
  bool more = rows_.next(pending_);
  const bool ids_first = form == TableForm::csv && more && is_header_of_ids(pending_);
  header_row_ = ids_first ? pending_.index + 1 : 2;
  if (!ids_first && more && pending_.index == 0) more = rows_.next(pending_);
  if (!more || pending_.index + 1 != header_row_) {
    fail(header_row_, 0, fmt::format("no column IDs in row {}", header_row_));
  }
  take_ids(pending_);
  have_pending_ = rows_.next(pending_);
  if (!ids_first && have_pending_ && pending_.index == header_row_) skip_captions();
}

void Table::take_ids(const sheet::Row& row) {
  for (const Cell& cell : row.cells) {
    if (!is_blank(cell)) take_id(row, cell);
  }
}

void Table::take_id(const sheet::Row& row, const Cell& cell) {
  const auto id = column_id_of(cell);
  if (!id) {
    fail(row.index + 1, cell.column,
         "column ID expected, a whole number such as 69, found " + in_quotes(shown(cell)));
  }
  if (const int first = header_.find(*id); first >= 0) {
    const std::uint32_t other = header_.columns[static_cast<std::size_t>(first)].position;
    fail(row.index + 1, cell.column,
         fmt::format("column ID {} stands twice, also in {}", *id,
                     sheet::cell_name(row.index, other)));
  }
  const PropertyInfo* property = find_property(*id);
  by_position_.resize(cell.column + 1, -1);
  by_position_[cell.column] = static_cast<int>(header_.columns.size());
  header_.columns.push_back({*id, property ? property->kind : ValueKind::text, cell.column});
}

void Table::skip_captions() {
  for (const Cell& cell : pending_.cells) {
    if (!is_blank(cell) && column_at(cell.column) < 0) {
      fail(header_row_, cell.column,
           "column ID missing above the caption " + in_quotes(shown(cell)));
    }
  }
  have_pending_ = rows_.next(pending_);
}

void Table::require_identifying_columns() const {
  for (const ColumnId id : kIdentifyingColumns) {
    if (header_.find(id) >= 0) continue;
    fail(header_row_, 0,
         fmt::format("column ID {} ({}) is missing in row {}", id, find_property(id)->name,
                     header_row_));
  }
}

int Table::column_at(std::uint32_t position) const {
  return position < by_position_.size() ? by_position_[position] : -1;
}

// ---- Table: the rows ----------------------------------------------------------------------------

bool Table::next(Record& record) {
  record.resize(header_.columns.size());
  while (have_pending_ || rows_.next(pending_)) {
    have_pending_ = false;
    if (take_row(pending_, record)) return true;
  }
  return false;
}

bool Table::take_row(const sheet::Row& row, Record& record) {
  if (all_blank(row)) return false;
  record.clear(row.index + 1);
  for (const Cell& cell : row.cells) {
    const int column = column_at(cell.column);
    if (column >= 0) {
      take_cell(cell, static_cast<std::size_t>(column), record);
    } else if (!is_blank(cell)) {
      fail(header_row_, cell.column,
           fmt::format("column ID missing, but {} holds {}",
                       sheet::cell_name(row.index, cell.column), in_quotes(shown(cell))));
    }
  }
  return true;
}

void Table::take_cell(const Cell& cell, std::size_t field, Record& record) {
  switch (header_.columns[field].kind) {
    case ValueKind::text:
      return take_text(cell, field, record);
    case ValueKind::date:
      return take_date(cell, field, record);
    case ValueKind::uid:
    case ValueKind::integer:
      return take_integer(cell, field, record);
  }
}

void Table::take_text(const Cell& cell, std::size_t field, Record& record) {
  if (is_blank(cell)) return;
  if (cell.type != CellType::text) {
    record.fields_[field].text = record.keep(shown(cell));
    if (cell.type == CellType::error) warn_of(field, record, "cell error");
  } else if (cell.text.find("\r\n") != std::string_view::npos) {
    record.fields_[field].text = record.keep(with_plain_line_ends(cell.text));
  } else {
    record.fields_[field].text = cell.text;
  }
}

void Table::take_integer(const Cell& cell, std::size_t field, Record& record) {
  const bool is_uid = header_.columns[field].kind == ValueKind::uid;
  Field& out = record.fields_[field];
  if (cell.type == CellType::text) {
    if (is_blank(cell)) return;
    if (const auto plain = canonical_integer(cell.text); plain && (*plain > 0 || !is_uid)) {
      out = {cell.text, *plain, true};
      return;
    }
    const auto value = is_uid ? parse_uid(cell.text) : integer_of(cell.text);
    if (value) return record.set_number(field, *value);
  } else if (cell.type != CellType::error && cell.type != CellType::boolean) {
    constexpr double kGreatest = static_cast<double>(kGreatestUid);
    const double least = is_uid ? 1 : -kGreatest;
    const bool whole = std::floor(cell.number) == cell.number;
    if (whole && cell.number >= least && cell.number <= kGreatest) {
      return record.set_number(field, static_cast<std::int64_t>(cell.number));
    }
  }
  out = {record.keep(shown(cell)), 0, false};
  const bool rejects = is_identifying(header_.columns[field].id);
  if (!rejects) warn_of(field, record, cell.type == CellType::error ? "cell error" : "");
}

void Table::take_date(const Cell& cell, std::size_t field, Record& record) {
  Field& out = record.fields_[field];
  std::optional<std::chrono::year_month_day> date;
  if (cell.type == CellType::text) {
    const std::string_view text = trimmed(cell.text);
    if (is_iso_date(text)) out.text = text;
    if (text.empty() || !out.text.empty()) return;
    date = parse_date(text);
  } else if (cell.type == CellType::date || cell.type == CellType::date_time) {
    date = date_of_serial(cell.number);
  }
  if (!date) {
    out = {record.keep(shown_as_no_date(cell)), 0, false};
    return warn_of(field, record, cell.type == CellType::error ? "cell error" : "");
  }
  std::string text;
  append_iso_date(text, *date);
  out.text = record.keep(std::move(text));
}

void Table::warn_of(std::size_t field, const Record& record, std::string_view reason) {
  const Column& column = header_.columns[field];
  issues_.warning({source_, record.row(), column.position, column.id,
                   std::string(record.fields()[field].text),
                   std::string(reason.empty() ? unreadable_reason(column.kind) : reason)});
}

// ---- RowCheck -----------------------------------------------------------------------------------

RowCheck::RowCheck(const Header& header) : fact_(header.find(kFactColumn)) {
  for (const ColumnId id : kIdentifyingColumns) {
    if (id != kFactColumn) required_.push_back(header.find(id));
  }
}

int RowCheck::fault(const Record& record) const {
  const auto& fields = record.fields();
  if (!fields[static_cast<std::size_t>(fact_)].readable) return fact_;
  for (const int field : required_) {
    const Field& value = fields[static_cast<std::size_t>(field)];
    if (value.text.empty() || !value.readable) return field;
  }
  return -1;
}

Issue RowCheck::issue(const Table& table, const Record& record, int field) const {
  const Column& column = table.header().columns[static_cast<std::size_t>(field)];
  const std::string_view value = record.fields()[static_cast<std::size_t>(field)].text;
  return {table.source(),
          record.row(),
          column.position,
          column.id,
          std::string(value),
          std::string(value.empty() ? "blank UID" : unreadable_reason(ValueKind::uid))};
}

}  // namespace prism::gellish
