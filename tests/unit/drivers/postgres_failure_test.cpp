#include <doctest/doctest.h>

#include <prism/drivers/postgres/failure.hpp>

namespace prism::postgres {

TEST_CASE("postgres: what may pass is tried again, what stays is not") {
  for (const char* sqlstate :
       {"", "08006", "08007", "53300", "57P01", "57P02", "57P03", "40001", "40P01"}) {
    CAPTURE(sqlstate);
    CHECK(Failure(sqlstate, "ERROR:  x").retryable());
  }
  for (const char* sqlstate : {"28P01", "42501", "53100", "53200", "57014", "55P03", "23505",
                               "25006", "XX001", "3D000", "22021"}) {
    CAPTURE(sqlstate);
    CHECK_FALSE(Failure(sqlstate, "ERROR:  x").retryable());
  }
}

TEST_CASE("postgres: an SQLSTATE has its exit code") {
  const std::pair<const char*, ErrorCode> kCodes[] = {{"", ErrorCode::unavailable},
                                                      {"28P01", ErrorCode::permission},
                                                      {"28000", ErrorCode::permission},
                                                      {"42501", ErrorCode::permission},
                                                      {"53100", ErrorCode::io},
                                                      {"53200", ErrorCode::io},
                                                      {"53300", ErrorCode::unavailable},
                                                      {"57P01", ErrorCode::unavailable},
                                                      {"40001", ErrorCode::locked},
                                                      {"40P01", ErrorCode::locked},
                                                      {"55P03", ErrorCode::locked},
                                                      {"3D000", ErrorCode::configuration},
                                                      {"42P01", ErrorCode::configuration},
                                                      {"22021", ErrorCode::bad_data},
                                                      {"XX001", ErrorCode::io},
                                                      {"42601", ErrorCode::internal}};
  for (const auto& [sqlstate, code] : kCodes) {
    CAPTURE(sqlstate);
    CHECK(meaning_of(sqlstate).code == code);
  }
}

TEST_CASE(
    "postgres: a message is the server's first line, without its severity, and the SQLSTATE") {
  const Failure failure("42501", "ERROR:  permission denied for table fact\nDETAIL:  more\n");
  CHECK(std::string(failure.what()) ==
        "PostgreSQL: permission denied for table fact (SQLSTATE 42501)");
  CHECK(failure.hint() == "the database user lacks a right; see GRANT");
}

}  // namespace prism::postgres
