#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/setup/sql_lexer.hpp>
#include <prism/setup/sql_script.hpp>

namespace prism::setup {
namespace {

using Words = std::vector<std::string_view>;

bool word_is(const Words& words, std::size_t index, std::string_view keyword) {
  return index < words.size() && equals_ignoring_case(words[index], keyword);
}

bool has_word(const Words& words, std::string_view keyword) {
  return std::any_of(words.begin(), words.end(),
                     [=](std::string_view word) { return equals_ignoring_case(word, keyword); });
}

// ---- statements ---------------------------------------------------------------------------------

/// `CREATE [OR REPLACE] FUNCTION|PROCEDURE`: only there BEGIN … END has statements in it.
bool makes_routine(const Words& words) {
  if (!word_is(words, 0, "create")) return false;
  const std::size_t kind = word_is(words, 1, "or") && word_is(words, 2, "replace") ? 3 : 1;
  return word_is(words, kind, "function") || word_is(words, kind, "procedure");
}

class Splitter {
 public:
  explicit Splitter(std::string_view sql) : sql_(sql) {}

  std::vector<SqlStatement> split() {
    SqlLexer lexer(sql_);
    for (SqlToken token = lexer.next(); token.kind != SqlTokenKind::end; token = lexer.next()) {
      take(token);
    }
    finish(sql_.data() + sql_.size());
    return std::move(statements_);
  }

 private:
  void take(const SqlToken& token) {
    const bool ends = token.is(';') && parentheses_ == 0 && blocks_ == 0;
    if (ends && current_.line == 0) return;
    if (current_.line == 0) {
      current_.line = token.line;
      begin_ = token.text.data();
    }
    if (ends) return finish(token.text.data() + 1);
    note(token);
  }

  void note(const SqlToken& token) {
    if (token.is('(')) ++parentheses_;
    if (token.is(')') && parentheses_ > 0) --parentheses_;
    if (token.is('\\') && current_.meta_command_line == 0) current_.meta_command_line = token.line;
    if (token.kind == SqlTokenKind::unclosed) current_.unclosed_line = token.line;
    if (parentheses_ > 0) return;
    if (token.kind == SqlTokenKind::word) note_block(token.text);
    if (token.kind == SqlTokenKind::word) add_word(token.text);
    if (token.kind == SqlTokenKind::quoted_word) add_word({});
  }

  void add_word(std::string_view word) {
    constexpr std::size_t kMost = 64;
    if (current_.words.size() < kMost) current_.words.push_back(word);
  }

  /// CASE ends with END as well.
  void note_block(std::string_view word) {
    if (!makes_routine(current_.words)) return;
    if (equals_ignoring_case(word, "begin")) ++blocks_;
    if (equals_ignoring_case(word, "case") && blocks_ > 0) ++blocks_;
    if (equals_ignoring_case(word, "end") && blocks_ > 0) --blocks_;
  }

  void finish(const char* end) {
    if (current_.line == 0) return;
    current_.text = {begin_, static_cast<std::size_t>(end - begin_)};
    statements_.push_back(std::move(current_));
    current_ = {};
    parentheses_ = 0;
    blocks_ = 0;
  }

  std::string_view sql_;
  const char* begin_ = nullptr;
  std::size_t parentheses_ = 0;
  std::size_t blocks_ = 0;
  SqlStatement current_;
  std::vector<SqlStatement> statements_;
};

// ---- refusals -----------------------------------------------------------------------------------

enum class Reason : std::uint8_t { transaction, alone, psql };

/// Statements that begin with these words, `*` is any; with `also` anywhere, if it is given.
struct Rule {
  Reason reason;
  std::array<std::string_view, 4> begin;
  std::string_view also = {};
};

constexpr std::array kRules{
    Rule{Reason::transaction, {"begin"}},
    Rule{Reason::transaction, {"start", "transaction"}},
    Rule{Reason::transaction, {"commit"}},
    Rule{Reason::transaction, {"end"}},
    Rule{Reason::transaction, {"abort"}},
    Rule{Reason::transaction, {"rollback"}},
    Rule{Reason::transaction, {"prepare", "transaction"}},
    Rule{Reason::alone, {"create", "index", "concurrently"}},
    Rule{Reason::alone, {"create", "unique", "index", "concurrently"}},
    Rule{Reason::alone, {"drop", "index", "concurrently"}},
    Rule{Reason::alone, {"reindex", "*", "concurrently"}},
    Rule{Reason::alone, {"reindex", "database"}},
    Rule{Reason::alone, {"reindex", "schema"}},
    Rule{Reason::alone, {"reindex", "system"}},
    Rule{Reason::alone, {"vacuum"}},
    Rule{Reason::alone, {"create", "database"}},
    Rule{Reason::alone, {"drop", "database"}},
    Rule{Reason::alone, {"create", "tablespace"}},
    Rule{Reason::alone, {"drop", "tablespace"}},
    Rule{Reason::alone, {"alter", "system"}},
    Rule{Reason::alone, {"discard", "all"}},
    Rule{Reason::psql, {"copy"}, "stdin"},
    Rule{Reason::psql, {"copy"}, "stdout"},
};

bool applies(const Rule& rule, const Words& words) {
  for (std::size_t i = 0; i < rule.begin.size() && !rule.begin[i].empty(); ++i) {
    if (i >= words.size()) return false;
    if (rule.begin[i] != "*" && !word_is(words, i, rule.begin[i])) return false;
  }
  // ROLLBACK TO goes back to a savepoint and leaves the transaction as it is.
  if (rule.begin[0] == "rollback" && has_word(words, "to")) return false;
  return rule.also.empty() || has_word(words, rule.also);
}

std::string upper_case(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

std::string name_of(const Rule& rule, const Words& words) {
  std::string name;
  for (std::size_t i = 0; i < rule.begin.size() && !rule.begin[i].empty(); ++i) {
    name += (i > 0 ? " " : "") + upper_case(words[i]);
  }
  return rule.also.empty() ? name : name + " … " + upper_case(rule.also);
}

SqlRefusal refusal_for(const Rule& rule, const SqlStatement& statement) {
  const std::string name = name_of(rule, statement.words);
  switch (rule.reason) {
    case Reason::transaction:
      return {statement.line, name + " in a migration",
              "take it out: every migration is run in a transaction anyway"};
    case Reason::alone:
      return {statement.line, name + " can't be run in a transaction, as every migration is",
              "run it by itself with psql, or leave out CONCURRENTLY where that is what it needs"};
    case Reason::psql:
      break;
  }
  return {statement.line, name + " needs psql", "write INSERT, or COPY with a file of the server"};
}

std::optional<SqlRefusal> refusal_of(const SqlStatement& statement) {
  if (statement.meta_command_line > 0) {
    return SqlRefusal{statement.meta_command_line, "a backslash command of psql",
                      "only SQL can be run: write what the command stands for"};
  }
  if (statement.unclosed_line > 0) {
    return SqlRefusal{statement.unclosed_line,
                      "a string, quoted name or comment begins here and has no end",
                      "the file may be cut short"};
  }
  for (const Rule& rule : kRules) {
    if (applies(rule, statement.words)) return refusal_for(rule, statement);
  }
  return std::nullopt;
}

}  // namespace

std::vector<SqlStatement> split_sql(std::string_view sql) { return Splitter(sql).split(); }

std::optional<SqlRefusal> find_refusal(std::string_view sql) {
  for (const SqlStatement& statement : split_sql(sql)) {
    if (auto refusal = refusal_of(statement)) return refusal;
  }
  return std::nullopt;
}

}  // namespace prism::setup
