#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/sql_failure.hpp>

namespace prism::postgres {
namespace {

/// The rest of the first line that begins so.
std::string_view line_after(std::string_view words, std::string_view label) {
  const std::string wanted = "\n" + std::string(label);
  const auto found = words.find(wanted);
  if (found == std::string_view::npos) return {};
  words.remove_prefix(found + wanted.size());
  return trimmed(words.substr(0, words.find('\n')));
}

/// Of an SQLSTATE or a class of them (PostgreSQL manual, appendix A).
struct Meaning {
  std::string_view sqlstate;
  ErrorCode code;
  std::string_view hint;
};

constexpr std::array kMeanings{
    Meaning{"08", ErrorCode::unavailable, "try again"},
    Meaning{"40001", ErrorCode::locked, "another transaction was in the way; try again"},
    Meaning{"40P01", ErrorCode::locked, "another transaction was in the way; try again"},
    Meaning{"42501", ErrorCode::permission, "grant it, or use a role that has it"},
    Meaning{"53", ErrorCode::io, "the server lacks room or memory"},
    Meaning{"55P03", ErrorCode::locked,
            "another session holds a lock; try again, or wait longer with --lock-wait SECONDS"},
    Meaning{"57", ErrorCode::unavailable, "the server was told to end it; try again"},
    Meaning{"58", ErrorCode::io, "see the log of the server"},
};

std::size_t line_of(std::string_view words) {
  // With a query of its own the line is that of a function's body.
  if (words.find("\nQUERY:  ") != std::string_view::npos) return 0;
  const std::string_view number = line_after(words, "LINE ");
  std::size_t line = 1;
  std::from_chars(number.data(), number.data() + number.size(), line);
  return std::max<std::size_t>(line, 1) - 1;
}

std::string message_of(std::string_view words) {
  const std::string_view first = words.substr(0, words.find('\n'));
  const auto severity = first.find(":  ");
  std::string message(severity == std::string_view::npos ? first : first.substr(severity + 3));
  const std::string_view detail = line_after(words, "DETAIL:  ");
  return detail.empty() ? message : message + ": " + std::string(detail);
}

}  // namespace

SqlFailure read_failure(const std::string& sqlstate, const std::string& words) {
  SqlFailure failure{message_of(words), std::string(line_after(words, "HINT:  ")), line_of(words),
                     std::nullopt};
  for (const Meaning& meaning : kMeanings) {
    if (!sqlstate.starts_with(meaning.sqlstate)) continue;
    failure.code = meaning.code;
    if (failure.hint.empty()) failure.hint = meaning.hint;
    break;
  }
  return failure;
}

SqlFailure read_failure(const pqxx::sql_error& error) {
  return read_failure(error.sqlstate(), error.what());
}

}  // namespace prism::postgres
