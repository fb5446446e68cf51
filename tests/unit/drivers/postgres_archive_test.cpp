#include <doctest/doctest.h>

#include <prism/drivers/postgres/archive_head.hpp>
#include <prism/drivers/postgres/archive_text.hpp>
#include <prism/drivers/postgres/database_record.hpp>
#include <prism/drivers/postgres/identifier.hpp>
#include <prism/drivers/postgres/scratch_database.hpp>

#include "support/thrown.hpp"

namespace prism::postgres {
namespace {

backup::Counts counted(std::string_view text, std::size_t piece) {
  ArchiveCounter counter;
  while (!text.empty()) {
    counter.add(text.substr(0, piece));
    text.remove_prefix(std::min(piece, text.size()));
  }
  return counter.finish();
}

/// However it is cut into pieces.
backup::Counts counted(std::string_view text) {
  const backup::Counts counts = counted(text, text.size());
  for (const std::size_t piece : {1, 2, 3, 7}) CHECK(counted(text, piece) == counts);
  return counts;
}

}  // namespace

TEST_CASE("postgresql archive: rows are counted by table") {
  CHECK(counted("--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET x = 'a;b';\n"
                "COPY public.a (id, name) FROM stdin;\n1\tx\n2\t\\N\n\\.\n\n\n"
                "COPY public.b  FROM stdin;\n\n\n\\.\n\n"
                "COPY public.none (x) FROM stdin;\n\\.\n\n"
                "--\n-- done\n--\n\n\\unrestrict abc\n\n") ==
        backup::Counts{{"public.a", 2}, {"public.b", 2}, {"public.none", 0}});
}

TEST_CASE("postgresql archive: data that look like statements are data") {
  CHECK(counted("COPY public.a (x) FROM stdin;\n\\\\.\nCOPY public.b (x) FROM stdin;\n \\.\n\\.x\n"
                "-- no comment\n'\n\"\nSELECT pg_catalog.lo_open('1', 131072);\n\\.\n") ==
        backup::Counts{{"public.a", 8}});
}

TEST_CASE("postgresql archive: odd names") {
  CHECK(counted("COPY \"odd.schema\".\"a \"\"b\"\"; COPY\nc\" (\"x\") FROM stdin;\n1\n\\.\n"
                "COPY \"A\".\"B-- c\" (\"it's\") FROM stdin;\n1\n\\.\n") ==
        backup::Counts{{"\"odd.schema\".\"a \"\"b\"\"; COPY\nc\"", 1}, {"A.B-- c", 1}});
  CHECK(table_key("a.b", "c") != table_key("a", "b.c"));
  CHECK(table_key("caf\xE9", "x") == "caf\\xE9.x");
}

TEST_CASE("postgresql archive: large objects, strings and sequences") {
  CHECK(counted("SELECT pg_catalog.setval('public.\"it''s; COPY a.b FROM stdin;\n\"', 5, true);\n"
                "BEGIN;\nSELECT pg_catalog.lo_open('16385', 131072);\n"
                "SELECT pg_catalog.lowrite(0, '\\x3b');\nSELECT pg_catalog.lo_close(0);\nCOMMIT;\n"
                "SELECT x(E'a\\'; -- b');\nSELECT pg_catalog.lo_open('2', 131072);\n") ==
        backup::Counts{{"large objects", 2}});
}

TEST_CASE("postgresql archive: a text that was cut off") {
  for (const char* const text :
       {"COPY public.a (x) FROM stdin;\n1\n", "COPY public.a (x) FROM stdin;", "SELECT 'a",
        "SELECT \"a", "SELECT 1"}) {
    CAPTURE(std::string(text));
    CHECK(test::thrown_by([&] { counted(text, 100); }).code == ErrorCode::bad_data);
  }
}

TEST_CASE("postgresql archive: statements about the database become ones about another") {
  const auto entry = [](std::string_view statement) { return entry_for(statement, "n\"ew"); };
  CHECK(entry("ALTER DATABASE old OWNER TO old") == "ALTER DATABASE \"n\"\"ew\" OWNER TO old");
  CHECK(entry("ALTER DATABASE \"o l\"\"d\" SET search_path TO 'ALTER DATABASE old'") ==
        "ALTER DATABASE \"n\"\"ew\" SET search_path TO 'ALTER DATABASE old'");
  CHECK(entry("COMMENT ON DATABASE \"a b\" IS 'ON DATABASE x'") ==
        "COMMENT ON DATABASE \"n\"\"ew\" IS 'ON DATABASE x'");
  CHECK(entry("ALTER ROLE database IN DATABASE old SET work_mem TO '1MB'") ==
        "ALTER ROLE database IN DATABASE \"n\"\"ew\" SET work_mem TO '1MB'");
  CHECK(entry("SECURITY LABEL FOR \"p q\" ON DATABASE old IS 'x'") ==
        "SECURITY LABEL FOR \"p q\" ON DATABASE \"n\"\"ew\" IS 'x'");
  CHECK(entry("GRANT CREATE,CONNECT ON DATABASE old TO old WITH GRANT OPTION") ==
        "GRANT CREATE,CONNECT ON DATABASE \"n\"\"ew\" TO old WITH GRANT OPTION");
  CHECK(entry("REVOKE ALL ON DATABASE \"old\" FROM PUBLIC") ==
        "REVOKE ALL ON DATABASE \"n\"\"ew\" FROM PUBLIC");
  CHECK(entry("SET SESSION AUTHORIZATION x") == "SET SESSION AUTHORIZATION x");
}

TEST_CASE("postgresql archive: other statements are no business of the database's") {
  for (const char* const statement :
       {"CREATE DATABASE old", "SET statement_timeout = 0", "DROP DATABASE old", "ALTER DATABASE",
        "GRANT ALL ON TABLE database TO x", "ALTER ROLE x SET work_mem TO '1MB'",
        "SELECT pg_catalog.set_config('search_path', '', false)"}) {
    CAPTURE(std::string(statement));
    CHECK(entry_for(statement, "new").empty());
  }
}

TEST_CASE("postgresql archive: extensions that are there are left out of the list") {
  const std::string list =
      ";\n; Archive\n2; 3079 16396 EXTENSION - citext \n3501; 0 0 COMMENT - EXTENSION citext \n"
      "3; 3079 16397 EXTENSION - hstore \n215; 1259 16500 TABLE public citext prism\n";
  CHECK(without_extensions(list, {"citext"}) ==
        ";\n; Archive\n3; 3079 16397 EXTENSION - hstore \n215; 1259 16500 TABLE public citext "
        "prism\n");
  CHECK(without_extensions(list, {}) == list);
}

TEST_CASE("postgresql target: names of a restore fit, and are known again") {
  const std::string long_name = std::string(28, 'x') + "ää" + std::string(20, 'y');
  for (const std::string& database : {std::string("a"), long_name, std::string("it's \"x\"")}) {
    CAPTURE(database);
    const ScratchNames names = make_names(database);
    CHECK(names.restored.size() <= 63);
    CHECK(hex_of(names.restored, database) == names.hex);
    CHECK(hex_of(names.replaced, database) == names.hex);
    CHECK_FALSE(hex_of(database, database).has_value());
    CHECK_FALSE(hex_of(names.restored + "0", database).has_value());
    CHECK_FALSE(hex_of(names.restored, "b").has_value());
    CHECK(make_names(database).hex != names.hex);
  }
}

TEST_CASE("postgresql target: what database.json says is read back") {
  DatabaseRecord record;
  record.database = "a \"b\"";
  record.provider = "icu";
  record.locale = "de-AT";
  record.extensions = {{"citext", "1.6"}};
  record.roles.owners = {"x", "y"};
  record.globals = true;
  record.dump_bytes = 5'000'000'000;
  record.counts = {{"a.b", 3}, {"large objects", 1}};
  const std::string text = to_json_text(record);
  const DatabaseRecord read = parse_record(text);
  CHECK(to_json_text(read) == text);
  CHECK(read.counts == record.counts);
  CHECK(read.roles.owners == record.roles.owners);
  for (const std::string& bad : {std::string(), text.substr(0, text.size() - 1),
                                 std::string("{}\n"), std::string("[]}\n")}) {
    CHECK(test::thrown_by([&] { parse_record(bad); }).code == ErrorCode::bad_data);
  }
}

}  // namespace prism::postgres
