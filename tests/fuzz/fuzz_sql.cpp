// The input is a script of SQL.

#include <algorithm>

#include <prism/setup/sql_lexer.hpp>
#include <prism/setup/sql_script.hpp>

#include "check.hpp"

namespace prism::sheet::fuzz {
namespace {

using setup::SqlLexer;
using setup::SqlStatement;
using setup::SqlToken;
using setup::SqlTokenKind;

std::size_t line_at(std::string_view sql, const char* position) {
  return 1 + static_cast<std::size_t>(std::count(sql.data(), position, '\n'));
}

/// Tokens come one behind the other and know their lines.
void check_tokens(std::string_view sql) {
  SqlLexer lexer(sql);
  const char* behind = sql.data();
  for (SqlToken token = lexer.next(); token.kind != SqlTokenKind::end; token = lexer.next()) {
    require_that(!token.text.empty() && token.text.data() >= behind, "tokens overlap");
    require_that(token.line == line_at(sql, token.text.data()), "a token's line is another one");
    behind = token.text.data() + token.text.size();
    require_that(token.kind != SqlTokenKind::unclosed || behind == sql.data() + sql.size(),
                 "what has no end is not all the rest");
  }
  require_that(lexer.next().kind == SqlTokenKind::end, "something comes behind the end");
}

/// A statement by itself is what it was in the script.
void check_statement(const SqlStatement& statement) {
  const auto again = setup::split_sql(statement.text);
  require_that(again.size() == 1 && again[0].text == statement.text, "a statement is several");
  require_that(again[0].words == statement.words, "a statement has other words by itself");
}

void check_script(std::string_view sql) {
  const char* behind = sql.data();
  for (const SqlStatement& statement : setup::split_sql(sql)) {
    require_that(!statement.text.empty() && statement.text.data() >= behind, "statements overlap");
    require_that(statement.line == line_at(sql, statement.text.data()),
                 "a statement's line is another one");
    behind = statement.text.data() + statement.text.size();
    check_statement(statement);
  }
  if (const auto refusal = setup::find_refusal(sql)) {
    require_that(refusal->line >= 1 && refusal->line <= line_at(sql, sql.data() + sql.size()),
                 "a refusal names a line that is not there");
    require_that(!refusal->what.empty() && !refusal->advice.empty(), "a refusal says nothing");
  }
}

}  // namespace
}  // namespace prism::sheet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace prism::sheet::fuzz;
  const std::string sql = text_of(data, size);
  check_tokens(sql);
  check_script(sql);
  return 0;
}
