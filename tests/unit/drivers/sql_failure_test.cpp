#include <doctest/doctest.h>

#include <prism/drivers/postgres/sql_failure.hpp>

namespace prism::postgres {

TEST_CASE("drivers: postgres: the words of a failed statement are taken apart") {
  const auto failure = read_failure(
      "42P01",
      "ERROR:  relation \"a\" does not exist\nLINE 3: SELECT\n        ^\nHINT:  Try another.\n");
  CHECK(failure.message == "relation \"a\" does not exist");
  CHECK(failure.line == 2);
  CHECK(failure.hint == "Try another.");
  CHECK_FALSE(failure.code);
  const auto detail =
      read_failure("23505", "FEHLER:  doppelter Wert\nDETAIL:  Key (x)=(1) already exists.\n");
  CHECK(detail.message == "doppelter Wert: Key (x)=(1) already exists.");
  CHECK(detail.line == 0);
  CHECK(read_failure("42703", "ERROR:  x\nLINE 7: y\nQUERY:  SELECT\nCONTEXT:  z").line == 0);
  CHECK(read_failure("", "").message == "");
}

TEST_CASE("drivers: postgres: trouble that is not the statement's has its own exit code") {
  CHECK(read_failure("42501", "ERROR:  no").code == ErrorCode::permission);
  CHECK(read_failure("55P03", "ERROR:  no").code == ErrorCode::locked);
  CHECK(read_failure("53100", "ERROR:  no").code == ErrorCode::io);
  CHECK(read_failure("57P01", "ERROR:  no").code == ErrorCode::unavailable);
  CHECK_FALSE(read_failure("42601", "ERROR:  no").code);
}

}  // namespace prism::postgres
