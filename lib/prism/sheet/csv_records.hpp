#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <prism/base/export.hpp>
#include <prism/sheet/line_reader.hpp>

namespace prism::sheet {

/// The records of a CSV file: lines, joined where a quoted field has line breaks.
class PRISM_API CsvRecords {
 public:
  /// Throws Damage for UTF-32.
  explicit CsvRecords(std::shared_ptr<const ByteSource> source);

  Encoding encoding() const { return lines_.encoding(); }
  char delimiter() const { return delimiter_; }

  /// False after the last. Throws Damage for a line or quoted field of more than 16 MiB, a NUL, and
  /// a quote that is never closed.
  bool next();

  /// The record, in memory that may be written to and lives until the next one.
  std::span<char> text() const { return text_; }
  bool has_quotes() const { return has_quotes_; }

  /// Of the current record, from 1 on.
  std::uint32_t number() const { return number_; }
  /// The last line of the current record, from 1 on.
  std::uint32_t line() const { return lines_.number(); }

 private:
  void join_lines();

  LineReader lines_;
  std::span<char> text_;
  std::string joined_;
  std::uint32_t number_ = 0;
  char delimiter_ = ',';
  bool has_quotes_ = false;
};

}  // namespace prism::sheet
