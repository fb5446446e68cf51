#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <prism/setup/sql_lexer.hpp>

namespace prism::setup {
namespace {

/// The tokens between bars, each with a letter for its kind in front.
std::string tokens(std::string_view sql) {
  constexpr const char* kLetters = "wqlsu";
  SqlLexer lexer(sql);
  std::string all;
  for (SqlToken token = lexer.next(); token.kind != SqlTokenKind::end; token = lexer.next()) {
    all += (all.empty() ? "" : "|") + std::string(1, kLetters[static_cast<int>(token.kind)]) + " " +
           std::string(token.text);
  }
  return all;
}

std::size_t last_line(std::string_view sql) {
  SqlLexer lexer(sql);
  SqlToken token = lexer.next();
  while (token.kind != SqlTokenKind::end) token = lexer.next();
  return token.line;
}

struct Row {
  const char* sql;
  const char* expected;
};

}  // namespace

TEST_CASE("setup: SQL is read token by token") {
  const Row rows[] = {
      {"", ""},
      {" \t\r\n", ""},
      {"SELECT a1$b, $1 FROM t;", "w SELECT|w a1$b|s ,|s $|l 1|w FROM|w t|s ;"},
      {"größe = 12", "w größe|s =|l 12"},
      {"'it''s' 'x;--'", "l 'it''s'|l 'x;--'"},
      {R"('a\' b)", R"(l 'a\'|w b)"},
      {R"(E'a\'' b)", R"(l E'a\''|w b)"},
      {R"(e'\\' b)", R"(l e'\\'|w b)"},
      {"E'a'\n -- c\n '\\'' b", "l E'a'\n -- c\n '\\''|w b"},
      {"E'a' '\\' b", "l E'a'|l '\\'|w b"},
      {"U&'x' n'y'", "w U|s &|l 'x'|w n|l 'y'"},
      {R"("a""b;" "c")", R"(q "a""b;"|q "c")"},
      {"$$ ; ' $$ x", "l $$ ; ' $$|w x"},
      {"$a$ $b$ $$ $a$ x", "l $a$ $b$ $$ $a$|w x"},
      {"a$b$ c", "w a$b$|w c"},
      {"$1a$ x", "s $|l 1|w a$|w x"},
      {"-- ' ; \n x", "w x"},
      {"a--b", "w a"},
      {"/* /* ' */ ; */ x", "w x"},
      {"/*/ */ x", "w x"},
      {"a /**/ b", "w a|w b"},
      {"\\i x", "s \\|w i|w x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sql);
    CHECK(tokens(row.sql) == row.expected);
  }
}

TEST_CASE("setup: what has no end is all the rest") {
  for (const char* sql :
       {"'a", "E'a\\'", "\"a", "$$ a", "$x$ a $$", "/* a", "/* /* */", "/*", "/*/", "'a''"}) {
    CAPTURE(sql);
    CHECK(tokens(sql) == std::string("u ") + sql);
  }
}

TEST_CASE("setup: tokens know their lines") {
  CHECK(last_line("") == 1);
  CHECK(last_line("a\nb\n'c\n'\n/*\n*/ $$\n$$ -- x\n\"\n\"") == 9);
  SqlLexer lexer("\n\n'a\nb' c");
  CHECK(lexer.next().line == 3);
  CHECK(lexer.next().line == 4);
}

}  // namespace prism::setup
