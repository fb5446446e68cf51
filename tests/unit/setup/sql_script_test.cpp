#include <doctest/doctest.h>
#include <fmt/format.h>

#include <prism/setup/sql_script.hpp>

namespace prism::setup {
namespace {

std::vector<std::string> texts(std::string_view sql) {
  std::vector<std::string> texts;
  for (const SqlStatement& statement : split_sql(sql)) texts.emplace_back(statement.text);
  return texts;
}

using Texts = std::vector<std::string>;

/// `line: what`, or nothing.
std::string refusal(std::string_view sql) {
  const auto found = find_refusal(sql);
  if (!found) return {};
  CHECK_FALSE(found->advice.empty());
  return fmt::format("{}: {}", found->line, found->what);
}

}  // namespace

TEST_CASE("setup: a script is told apart into statements") {
  CHECK(texts("") == Texts{});
  CHECK(texts(" ;; -- nothing\n ; ") == Texts{});
  CHECK(texts("a; b ;\n-- c;\n c") == Texts{"a;", "b ;", "c"});
  CHECK(texts("a (b; c); d") == Texts{"a (b; c);", "d"});
  CHECK(texts("a) ; b") == Texts{"a) ;", "b"});
  CHECK(texts("DO $$ BEGIN x; END $$; b") == Texts{"DO $$ BEGIN x; END $$;", "b"});
  const auto statements = split_sql("\n\nx 1;\n y\n 2;");
  REQUIRE(statements.size() == 2);
  CHECK(statements[0].line == 3);
  CHECK(statements[1].line == 4);
}

TEST_CASE("setup: the body of an SQL function is one statement with it") {
  const std::string body =
      "CREATE OR REPLACE FUNCTION f(a int) RETURNS int\nBEGIN ATOMIC\n SELECT CASE a WHEN 1 THEN 2 "
      "END;\n SELECT 3;\nEND;";
  CHECK(texts(body + " SELECT 1;") == Texts{body, "SELECT 1;"});
  CHECK(refusal(body) == "");
  CHECK(texts("CREATE PROCEDURE p() BEGIN ATOMIC a; END; b").size() == 2);
  CHECK(texts("CREATE TABLE begin; b").size() == 2);
}

TEST_CASE("setup: scripts that run in a transaction are taken") {
  for (const char* sql :
       {"CREATE TABLE t (x int); INSERT INTO t VALUES ('COMMIT; \\i x');",
        "DO $$ BEGIN PERFORM 1; COMMIT; END $$", "SAVEPOINT a; ROLLBACK TO a; RELEASE a",
        "ROLLBACK WORK TO SAVEPOINT a", "CREATE INDEX i ON t (x)",
        "CREATE INDEX \"concurrently\" ON t (x)", "COPY t FROM '/srv/stdin'",
        "COPY (SELECT 1) TO '/srv/x'", "SELECT 'a' AS \"begin\"", "REINDEX TABLE t",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v", "-- VACUUM;", "(SELECT 1)",
        "PREPARE p AS SELECT 1", "ALTER TABLE t ADD COLUMN \"end\" int"}) {
    CAPTURE(sql);
    CHECK(refusal(sql) == "");
  }
}

TEST_CASE("setup: scripts that don't are refused, with the line") {
  struct Row {
    const char* sql;
    const char* expected;
  };
  const Row rows[] = {
      {"a;\nBEGIN;\nb", "2: BEGIN in a migration"},
      {"begin transaction", "1: BEGIN in a migration"},
      {"\n/* x */ Commit", "2: COMMIT in a migration"},
      {"END", "1: END in a migration"},
      {"ABORT", "1: ABORT in a migration"},
      {"ROLLBACK AND CHAIN", "1: ROLLBACK in a migration"},
      {"START TRANSACTION READ ONLY", "1: START TRANSACTION in a migration"},
      {"PREPARE TRANSACTION 'x'", "1: PREPARE TRANSACTION in a migration"},
      {"a;\n\n  \\copy t from 'x'", "3: a backslash command of psql"},
      {"SELECT 1\n\\gexec", "2: a backslash command of psql"},
      {"COPY t (a, b) FROM stdin;\n1\t2\n\\.", "1: COPY … STDIN needs psql"},
      {"COPY t (a, b) FROM stdin;", "1: COPY … STDIN needs psql"},
      {"CREATE INDEX CONCURRENTLY i ON t (x)",
       "1: CREATE INDEX CONCURRENTLY can't be run in a transaction, as every migration is"},
      {"create unique index concurrently i ON t (x)",
       "1: CREATE UNIQUE INDEX CONCURRENTLY can't be run in a transaction, as every migration is"},
      {"REINDEX (VERBOSE) TABLE CONCURRENTLY t",
       "1: REINDEX TABLE CONCURRENTLY can't be run in a transaction, as every migration is"},
      {"VACUUM t", "1: VACUUM can't be run in a transaction, as every migration is"},
      {"CREATE DATABASE x",
       "1: CREATE DATABASE can't be run in a transaction, as every migration is"},
      {"ALTER SYSTEM SET a = 1",
       "1: ALTER SYSTEM can't be run in a transaction, as every migration is"},
      {"a;\nSELECT 'b\nc", "2: a string, quoted name or comment begins here and has no end"},
      {"a;\n/* b", "2: a string, quoted name or comment begins here and has no end"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.sql);
    CHECK(refusal(row.sql) == row.expected);
  }
}

}  // namespace prism::setup
