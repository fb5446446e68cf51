#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <prism/backup/component.hpp>

namespace prism::postgres {

/// Splits the SQL text that pg_restore makes of an archive into statements, and counts the rows
/// that follow a `COPY … FROM stdin`. It knows what pg_restore writes of data and of database-level
/// entries, not all of SQL: no dollar quotes, no bodies of functions. Memory holds one statement.
class PRISM_API ArchiveText {
 public:
  /// Without its semicolon; a COPY once its rows have come.
  using TakeStatement = std::function<void(std::string_view statement, std::uint64_t rows)>;

  /// What may be a piece of a row; with the last one it is one. Pieces that a statement follows
  /// were none.
  using TakeRow = std::function<void(std::string_view piece, bool is_end)>;

  /// A COPY, before its rows come.
  using BeginRows = std::function<void(std::string_view copy)>;

  explicit ArchiveText(TakeStatement take, TakeRow take_row = {}, BeginRows begin_rows = {})
      : take_(std::move(take)),
        take_row_(std::move(take_row)),
        begin_rows_(std::move(begin_rows)) {}

  /// In pieces of any size.
  void add(std::string_view text);
  /// Throws Error(bad_data) when the text ends within a statement or rows.
  void finish() const;

 private:
  enum class State { plain, name, string, escaped_string, comment, before_rows, rows };

  std::size_t take_plain(std::string_view text);
  std::size_t take_until(std::string_view text, char end);
  std::size_t take_escaped(std::string_view text);
  std::size_t skip_line(std::string_view text, State next);
  std::size_t take_rows(std::string_view text);
  void begin_string();
  void end_line_of_rows(std::string_view rest);
  void end_statement();

  TakeStatement take_;
  TakeRow take_row_;
  BeginRows begin_rows_;
  State state_ = State::plain;
  std::string statement_;
  std::string line_;  ///< the beginning of a row whose end has not come yet
  std::uint64_t rows_ = 0;
  bool escaping_ = false;  ///< behind a backslash in an escaped string
};

/// Counts the rows of each table, and the large objects, in the text of `pg_restore
/// --section=data`.
class PRISM_API ArchiveCounter {
 public:
  void add(std::string_view text) { text_.add(text); }
  /// Throws Error(bad_data) when the text was cut off.
  backup::Counts finish();

 private:
  void note(std::string_view statement, std::uint64_t rows);

  ArchiveText text_{
      [this](std::string_view statement, std::uint64_t rows) { note(statement, rows); }};
  backup::Counts counts_;
};

/// Of `COPY schema.table (…) FROM stdin`, as counts name it; nothing for another statement. Throws
/// Error(bad_data) where such a one names no table.
std::optional<std::string> copied_table(std::string_view statement);

/// What large objects are counted by; without any there is no such count.
constexpr const char* kLargeObjects = "large objects";

}  // namespace prism::postgres
