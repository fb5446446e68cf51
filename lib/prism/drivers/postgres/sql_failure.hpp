#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <pqxx/pqxx>

#include <prism/base/error.hpp>

namespace prism::postgres {

/// What the server says of a statement that failed.
struct SqlFailure {
  std::string message;            ///< with its detail, on one line
  std::string hint;               ///< what can be done about it, if that is known
  std::size_t line = 0;           ///< of the statement's text, from 0 on
  std::optional<ErrorCode> code;  ///< where the trouble is not in the statement itself
};

SqlFailure read_failure(const pqxx::sql_error& error);

/// The same from an SQLSTATE and the words of libpq: `ERROR:  …`, then lines of its own such as
/// `LINE 2: …`, `DETAIL:  …` and `HINT:  …`.
PRISM_API SqlFailure read_failure(const std::string& sqlstate, const std::string& words);

}  // namespace prism::postgres
