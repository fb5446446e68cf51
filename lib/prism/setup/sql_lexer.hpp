#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::setup {

enum class SqlTokenKind : std::uint8_t {
  word,         ///< a keyword or a name
  quoted_word,  ///< `"name"`
  literal,      ///< a string in any kind of quotes, or a number
  symbol,       ///< one character of anything else
  unclosed,     ///< a string, name or comment that has no end: all the rest
  end,
};

struct SqlToken {
  SqlTokenKind kind = SqlTokenKind::end;
  std::string_view text;  ///< of the SQL itself
  std::size_t line = 0;   ///< where it begins, from 1 on

  bool is(char symbol) const { return kind == SqlTokenKind::symbol && text.front() == symbol; }
};

/// Reads SQL as PostgreSQL does (manual, section 4.1): comments nest, `E'…'` knows backslashes, and
/// strings are quoted with dollars too. Takes time in proportion to the text, whatever is in it.
class PRISM_API SqlLexer {
 public:
  /// The text must outlive the tokens.
  explicit SqlLexer(std::string_view sql) : sql_(sql) {}

  /// The next one that is neither white space nor a comment; then `end`, however often.
  SqlToken next();

 private:
  char at(std::size_t position) const { return position < sql_.size() ? sql_[position] : '\0'; }
  bool skip_blanks();
  bool skip_comment();
  void skip_line();
  SqlToken take(SqlTokenKind kind, std::size_t end);
  SqlToken take_quoted(SqlTokenKind kind, std::size_t open, bool escapes);
  SqlToken take_dollar();
  SqlToken take_word();
  SqlToken take_number();
  std::size_t end_of_quoted(std::size_t open, bool escapes) const;
  std::size_t next_part(std::size_t end) const;

  std::string_view sql_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace prism::setup
