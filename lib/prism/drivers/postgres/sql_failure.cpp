#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/connections.hpp>
#include <prism/drivers/postgres/failure.hpp>
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

/// Whether the trouble is not in the statement itself.
bool is_elsewhere(ErrorCode code) {
  constexpr std::array kElsewhere{ErrorCode::unavailable, ErrorCode::locked, ErrorCode::permission,
                                  ErrorCode::io};
  return std::find(kElsewhere.begin(), kElsewhere.end(), code) != kElsewhere.end();
}

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
  const Meaning meaning = meaning_of(sqlstate);
  if (is_elsewhere(meaning.code)) {
    failure.code = meaning.code;
    if (failure.hint.empty()) failure.hint = meaning.hint;
  }
  return failure;
}

SqlFailure read_failure(const pqxx::sql_error& error) {
  return read_failure(sqlstate_of(error), error.what());
}

}  // namespace prism::postgres
