#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <prism/base/error.hpp>
#include <prism/base/export.hpp>
#include <prism/sheet/byte_source.hpp>

namespace prism::sheet {

enum class CellType : std::uint8_t {
  text,
  number,
  boolean,
  error,
  date,
  date_time,
  time,
  duration
};

/// One cell that holds something. Which of the date types a number is, its number format decides.
struct Cell {
  std::uint32_t column = 0;  ///< 0-based
  CellType type = CellType::text;
  /// number: the value. boolean: 0 or 1. duration: days. date, date_time, time: days in the 1900
  /// date system (1.0 is 1900-01-01, 60.0 the 29 February 1900 that never was), whichever system
  /// the file uses.
  double number = 0;
  /// text: UTF-8. error: as Excel shows it, such as `#REF!`. Otherwise empty. Lives until the next
  /// call of RowReader::next.
  std::string_view text;
};

/// One row of a sheet that holds at least one cell; cells stand in the order of their columns.
struct Row {
  std::uint32_t index = 0;  ///< 0-based, as the sheet counts
  std::span<const Cell> cells;
};

/// Pulls the rows of one sheet, in the order of their index. Holds one row at a time, never the
/// sheet. Used by one thread.
class RowReader {
 public:
  virtual ~RowReader() = default;

  /// Fills `row`, whose contents live until the next call, or returns false after the last row.
  /// Throws Error(bad_data) that names the place where the file is damaged.
  virtual bool next(Row& row) = 0;
};

/// What RowReader::next throws where a row lies above one that it delivered before.
class PRISM_API RowsOutOfOrder : public Error {
 public:
  explicit RowsOutOfOrder(const std::string& what) : Error(ErrorCode::bad_data, what) {}
};

enum class RowOrder : std::uint8_t {
  streamed,  ///< as the file stores them, one at a time: RowsOutOfOrder where they do not rise
  sorted,    ///< all of them are read first, and held in memory
};

enum class Visibility : std::uint8_t { visible, hidden, very_hidden };

struct SheetInfo {
  std::string name;  ///< UTF-8; empty for a CSV file
  Visibility visibility = Visibility::visible;
  bool worksheet = true;  ///< false: a chart, macro or dialog sheet, which has no rows
};

/// A workbook opened for reading. Readers made by `rows` must not outlive it.
class Workbook {
 public:
  virtual ~Workbook() = default;

  /// `xls`, `xlsx` or `csv`: by content, not by the file's name.
  virtual std::string_view format() const = 0;

  /// All sheets in the order of their tabs.
  virtual std::span<const SheetInfo> sheets() const = 0;

  /// A reader of the sheet at that index; the sheet must be a worksheet.
  virtual std::unique_ptr<RowReader> rows(std::size_t sheet, RowOrder order) = 0;
  std::unique_ptr<RowReader> rows(std::size_t sheet) { return rows(sheet, RowOrder::streamed); }
};

/// How many fields a row of a CSV file must have.
enum class FieldCount : std::uint8_t {
  as_header,  ///< as the first row, if that is mostly whole numbers, else as the second
  any,
};

/// Opens a workbook of any known format, recognised by its content. Throws Error: input_missing,
/// permission, or bad_data with the reason (empty, truncated, encrypted, not a workbook).
PRISM_API std::unique_ptr<Workbook> open_workbook(const std::filesystem::path& file,
                                                  FieldCount field_count = FieldCount::as_header);

/// The same for what lies elsewhere; `name` is for messages.
PRISM_API std::unique_ptr<Workbook> open_workbook(std::unique_ptr<ByteSource> file,
                                                  const std::string& name,
                                                  FieldCount field_count = FieldCount::as_header);

/// `A1` for row 0, column 0.
PRISM_API std::string cell_name(std::uint32_t row, std::uint32_t column);

}  // namespace prism::sheet
