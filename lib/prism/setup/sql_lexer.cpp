#include <algorithm>

#include <prism/setup/sql_lexer.hpp>

namespace prism::setup {
namespace {

constexpr auto kNowhere = std::string_view::npos;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Bytes of characters beyond ASCII are letters.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

SqlToken SqlLexer::next() {
  if (!skip_blanks()) return take(SqlTokenKind::unclosed, sql_.size());
  const char c = at(at_);
  if (at_ == sql_.size()) return take(SqlTokenKind::end, at_);
  if (c == '\'') return take_quoted(SqlTokenKind::literal, at_, false);
  if (c == '"') return take_quoted(SqlTokenKind::quoted_word, at_, false);
  if (c == '$') return take_dollar();
  if (is_letter(c)) return take_word();
  if (is_digit(c)) return take_number();
  return take(SqlTokenKind::symbol, at_ + 1);
}

/// False, and still in front of it, for a comment without an end.
bool SqlLexer::skip_blanks() {
  while (at_ < sql_.size()) {
    if (is_space(at(at_))) {
      if (at(at_) == '\n') ++line_;
      ++at_;
    } else if (at(at_) == '-' && at(at_ + 1) == '-') {
      skip_line();
    } else if (at(at_) == '/' && at(at_ + 1) == '*') {
      if (!skip_comment()) return false;
    } else {
      break;
    }
  }
  return true;
}

void SqlLexer::skip_line() { at_ = std::min(sql_.find('\n', at_), sql_.size()); }

bool SqlLexer::skip_comment() {
  std::size_t depth = 0;
  std::size_t position = at_;
  do {
    const bool opens = at(position) == '/' && at(position + 1) == '*';
    const bool closes = at(position) == '*' && at(position + 1) == '/';
    if (opens) ++depth;
    if (closes) --depth;
    position += opens || closes ? 2 : 1;
  } while (depth > 0 && position < sql_.size());
  if (depth > 0) return false;
  take(SqlTokenKind::symbol, position);
  return true;
}

SqlToken SqlLexer::take(SqlTokenKind kind, std::size_t end) {
  const SqlToken token{kind, sql_.substr(at_, end - at_), line_};
  line_ += static_cast<std::size_t>(std::count(token.text.begin(), token.text.end(), '\n'));
  at_ = end;
  return token;
}

/// `open` is where the opening quote stands: behind the prefix of `E'…'`.
SqlToken SqlLexer::take_quoted(SqlTokenKind kind, std::size_t open, bool escapes) {
  std::size_t end = end_of_quoted(open, escapes);
  // Only there is it of interest that a string may go on in the next line: backslashes do so too.
  while (escapes && end != kNowhere && next_part(end) != kNowhere) {
    end = end_of_quoted(next_part(end), escapes);
  }
  return end == kNowhere ? take(SqlTokenKind::unclosed, sql_.size()) : take(kind, end);
}

/// Behind the closing quote, or nowhere. A doubled one stands for itself.
std::size_t SqlLexer::end_of_quoted(std::size_t open, bool escapes) const {
  const char quote = at(open);
  for (std::size_t i = open + 1; i < sql_.size(); ++i) {
    if (escapes && at(i) == '\\') {
      ++i;
    } else if (at(i) == quote) {
      if (at(i + 1) != quote) return i + 1;
      ++i;
    }
  }
  return kNowhere;
}

/// Where a string that ended goes on: behind white space with a line's end in it (section 4.1.2.1).
std::size_t SqlLexer::next_part(std::size_t end) const {
  bool next_line = false;
  for (std::size_t i = end; i < sql_.size(); ++i) {
    if (at(i) == '-' && at(i + 1) == '-') i = std::min(sql_.find('\n', i), sql_.size());
    if (at(i) == '\n' || at(i) == '\r') next_line = true;
    if (at(i) == '\'' && next_line) return i;
    if (!is_space(at(i))) break;
  }
  return kNowhere;
}

/// `$tag$ … $tag$`; else only the dollar, such as that of `$1`.
SqlToken SqlLexer::take_dollar() {
  std::size_t end = at_ + 1;
  while (is_letter(at(end)) || (end > at_ + 1 && is_digit(at(end)))) ++end;
  if (at(end) != '$') return take(SqlTokenKind::symbol, at_ + 1);
  const std::string_view tag = sql_.substr(at_, end + 1 - at_);
  const std::size_t close = sql_.find(tag, end + 1);
  if (close == kNowhere) return take(SqlTokenKind::unclosed, sql_.size());
  return take(SqlTokenKind::literal, close + tag.size());
}

SqlToken SqlLexer::take_word() {
  const char first = at(at_);
  if ((first == 'e' || first == 'E') && at(at_ + 1) == '\'') {
    return take_quoted(SqlTokenKind::literal, at_ + 1, true);
  }
  std::size_t end = at_ + 1;
  while (is_letter(at(end)) || is_digit(at(end)) || at(end) == '$') ++end;
  return take(SqlTokenKind::word, end);
}

SqlToken SqlLexer::take_number() {
  std::size_t end = at_ + 1;
  while (is_digit(at(end))) ++end;
  return take(SqlTokenKind::literal, end);
}

}  // namespace prism::setup
