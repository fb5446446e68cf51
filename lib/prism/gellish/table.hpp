#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <prism/gellish/issue.hpp>
#include <prism/gellish/property.hpp>
#include <prism/sheet/workbook.hpp>
#include <prism/uid/uid.hpp>

namespace prism::gellish {

/// A column of one table.
struct Column {
  ColumnId id = 0;
  ValueKind kind = ValueKind::text;  ///< of an unknown column: text
  std::uint32_t position = 0;        ///< in the sheet, from 0
};

/// The columns of one table in the order of the sheet; every ID stands once.
struct Header {
  std::vector<Column> columns;

  /// The index of the column, or -1.
  PRISM_API int find(ColumnId id) const;
};

/// One cell, normalised. A blank one has no text.
struct Field {
  std::string_view text;    ///< as the CSV shows it
  std::int64_t number = 0;  ///< of a readable uid or integer
  bool readable = true;     ///< false: not what the column's kind asks for
};

/// One row of a table. The texts live until the next call of Table::next.
class PRISM_API Record {
 public:
  std::uint32_t row() const { return row_; }  ///< from 1, as the sheet counts
  const std::vector<Field>& fields() const { return fields_; }

  /// Puts a number in place of what stands there.
  void set_number(std::size_t field, std::int64_t number);

 private:
  friend class Table;
  void resize(std::size_t columns);
  void clear(std::uint32_t row);
  /// Room for a short text of this field.
  char* scratch(std::size_t field) { return scratch_.data() + field * kScratchSize; }
  std::string_view keep(std::string text);

  static constexpr std::size_t kScratchSize = 32;

  std::uint32_t row_ = 0;
  std::vector<Field> fields_;
  std::vector<char> scratch_;
  std::deque<std::string> kept_;
};

/// Where the column IDs stand.
enum class TableForm : std::uint8_t {
  workbook,  ///< row 2, between a title and captions
  csv,       ///< row 1 where most of it is column IDs, else as in a workbook
};

/// Reads a sheet as a Gellish table: finds the column IDs, skips blank rows, normalises every cell
/// (DESIGN section 5). Warns of cell errors and of values that the column's kind can't read.
class PRISM_API Table {
 public:
  /// `rows` and `issues` must outlive the table. Throws Error(bad_data) that names the cell of a
  /// column ID that is missing, doubled or not a number.
  Table(sheet::RowReader& rows, Source source, TableForm form, IssueSink& issues);

  const Header& header() const { return header_; }
  const Source& source() const { return source_; }

  /// The next row that isn't wholly blank, or false after the last.
  bool next(Record& record);

 private:
  void read_header(TableForm form);
  void take_ids(const sheet::Row& row);
  void take_id(const sheet::Row& row, const sheet::Cell& cell);
  void skip_captions();
  void require_identifying_columns() const;
  int column_at(std::uint32_t position) const;
  bool take_row(const sheet::Row& row, Record& record);
  void take_cell(const sheet::Cell& cell, std::size_t field, Record& record);
  void take_integer(const sheet::Cell& cell, std::size_t field, Record& record);
  void take_date(const sheet::Cell& cell, std::size_t field, Record& record);
  void take_text(const sheet::Cell& cell, std::size_t field, Record& record);
  void warn_of(std::size_t field, const Record& record, std::string_view reason);
  [[noreturn]] void fail(std::uint32_t row, std::uint32_t position, const std::string& what) const;

  sheet::RowReader& rows_;
  Source source_;
  IssueSink& issues_;
  Header header_;
  std::vector<int> by_position_;  ///< the column at a sheet's position, or -1
  std::uint32_t header_row_ = 0;  ///< from 1
  sheet::Row pending_;            ///< a row read ahead, if have_pending_
  bool have_pending_ = false;
};

/// Why the row can't be a fact, or nothing: a blank or unreadable UID in column 2, 15 or 60, or an
/// unreadable one in column 1.
class PRISM_API RowCheck {
 public:
  explicit RowCheck(const Header& header);

  /// The index of the field at fault, or -1.
  int fault(const Record& record) const;

  /// The issue to report for that field.
  Issue issue(const Table& table, const Record& record, int field) const;

 private:
  int fact_;
  std::vector<int> required_;
};

}  // namespace prism::gellish
