#include <algorithm>
#include <cctype>

#include <prism/base/error.hpp>
#include <prism/drivers/postgres/archive_text.hpp>
#include <prism/drivers/postgres/identifier.hpp>

namespace prism::postgres {
namespace {

constexpr std::string_view kEndOfRows = "\\.";

bool is_copy(std::string_view statement) {
  return statement.starts_with("COPY ") && statement.ends_with(" FROM stdin");
}

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Whether a quote behind it opens a string in which backslashes escape.
bool ends_with_e(std::string_view text) {
  if (text.empty() || (text.back() != 'E' && text.back() != 'e')) return false;
  if (text.size() == 1) return true;
  const char before = text[text.size() - 2];
  return std::isalnum(static_cast<unsigned char>(before)) == 0 && before != '_';
}

}  // namespace

std::optional<std::string> copied_table(std::string_view statement) {
  if (!is_copy(statement)) return {};
  statement.remove_prefix(5);
  const auto schema = take_identifier(statement);
  if (schema && statement.starts_with('.')) {
    statement.remove_prefix(1);
    if (const auto table = take_identifier(statement)) return table_key(*schema, *table);
  }
  throw Error(ErrorCode::bad_data, "the archive has rows of no known table");
}

void ArchiveText::add(std::string_view text) {
  while (!text.empty()) {
    std::size_t taken = 0;
    switch (state_) {
      case State::plain:
        taken = take_plain(text);
        break;
      case State::name:
        taken = take_until(text, '"');
        break;
      case State::string:
        taken = take_until(text, '\'');
        break;
      case State::escaped_string:
        taken = take_escaped(text);
        break;
      case State::comment:
        taken = skip_line(text, State::plain);
        break;
      case State::before_rows:
        taken = skip_line(text, State::rows);
        break;
      case State::rows:
        taken = take_rows(text);
        break;
    }
    text.remove_prefix(taken);
  }
}

void ArchiveText::finish() const {
  const bool whole = (state_ == State::plain && statement_.empty()) || state_ == State::comment;
  if (!whole) throw Error(ErrorCode::bad_data, "the archive ends too early");
}

std::size_t ArchiveText::take_plain(std::string_view text) {
  const char c = text.front();
  if (statement_.empty() && is_blank(c)) return 1;
  if (statement_.empty() && c == '\\') {
    state_ = State::comment;  // a command of psql, such as \connect: a line, too
  } else if (c == '-' && statement_.ends_with('-')) {
    statement_.pop_back();
    state_ = State::comment;
  } else if (c == ';') {
    end_statement();
  } else {
    if (c == '\'') begin_string();
    if (c == '"') state_ = State::name;
    statement_ += c;
  }
  return 1;
}

void ArchiveText::begin_string() {
  state_ = ends_with_e(statement_) ? State::escaped_string : State::string;
}

/// A doubled quote ends it and begins it anew.
std::size_t ArchiveText::take_until(std::string_view text, char end) {
  const std::size_t at = text.find(end);
  const std::size_t size = at == std::string_view::npos ? text.size() : at + 1;
  statement_.append(text.substr(0, size));
  if (at != std::string_view::npos) state_ = State::plain;
  return size;
}

std::size_t ArchiveText::take_escaped(std::string_view text) {
  const char c = text.front();
  statement_ += c;
  if (c == '\'' && !escaping_) state_ = State::plain;
  escaping_ = c == '\\' && !escaping_;
  return 1;
}

std::size_t ArchiveText::skip_line(std::string_view text, State next) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return text.size();
  state_ = next;
  return end + 1;
}

/// In the text form of COPY a backslash of the data is doubled, and a line break is `\n`: a line is
/// a row, and the one that ends the rows can't be one of them.
std::size_t ArchiveText::take_rows(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    if (line_.size() <= kEndOfRows.size()) line_.append(text.substr(0, kEndOfRows.size() + 1));
    if (take_row_) take_row_(text, false);
    return text.size();
  }
  end_line_of_rows(text.substr(0, end));
  return end + 1;
}

void ArchiveText::end_line_of_rows(std::string_view rest) {
  if (line_.empty() ? rest != kEndOfRows
                    : line_ + std::string(rest.substr(0, kEndOfRows.size() + 1)) != kEndOfRows) {
    ++rows_;
    if (take_row_) take_row_(rest, true);
  } else {
    take_(statement_, rows_);
    statement_.clear();
    rows_ = 0;
    state_ = State::plain;
  }
  line_.clear();
}

void ArchiveText::end_statement() {
  if (is_copy(statement_)) {
    if (begin_rows_) begin_rows_(statement_);
    state_ = State::before_rows;
    return;
  }
  take_(statement_, 0);
  statement_.clear();
}

// ---- ArchiveCounter -----------------------------------------------------------------------------

void ArchiveCounter::note(std::string_view statement, std::uint64_t rows) {
  if (const auto table = copied_table(statement)) counts_[*table] += rows;
  if (statement.starts_with("SELECT pg_catalog.lo_open(")) ++counts_[kLargeObjects];
}

backup::Counts ArchiveCounter::finish() {
  text_.finish();
  return counts_;
}

}  // namespace prism::postgres
