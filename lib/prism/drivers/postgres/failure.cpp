#include <algorithm>
#include <array>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/failure.hpp>

namespace prism::postgres {
namespace {

struct Row {
  std::string_view prefix;  ///< of the SQLSTATE: a class, or all of it
  Meaning meaning;
};

/// The first that fits counts.
constexpr std::array kMeanings{
    Row{"28", {ErrorCode::permission, "check the user and the password, and pg_hba.conf"}},
    Row{"42501", {ErrorCode::permission, "the database user lacks a right; see GRANT"}},
    Row{"25006", {ErrorCode::permission, "this server is a standby, or set to be read only"}},
    Row{"3D000", {ErrorCode::configuration, "create the database first, or check the URL"}},
    Row{"3F000", {ErrorCode::configuration, "prismctl migrate makes the schema"}},
    Row{"42P01", {ErrorCode::configuration, "prismctl migrate makes the tables"}},
    Row{"53100", {ErrorCode::io, "the server's disk is full: what was there before is untouched"}},
    Row{"53200", {ErrorCode::io, "the server is out of memory: what was there is untouched"}},
    Row{"53300",
        {ErrorCode::unavailable, "the server has no free connection; see max_connections"}},
    Row{"53", {ErrorCode::unavailable, ""}},
    Row{"57014",
        {ErrorCode::unavailable, "it took longer than allowed; see POSTGRES_STATEMENT_TIMEOUT"}},
    Row{"57", {ErrorCode::unavailable, "the server is starting or was stopped; try again"}},
    Row{"08", {ErrorCode::unavailable, "the connection was lost; try again"}},
    Row{"40", {ErrorCode::locked, "another transaction was in the way; try again"}},
    Row{"55P03",
        {ErrorCode::locked, "another program holds a lock; try again, or see --lock-wait SECONDS"}},
    Row{"22", {ErrorCode::bad_data, ""}},
    Row{"54", {ErrorCode::bad_data, ""}},
    Row{"58", {ErrorCode::io, "see the server's log"}},
    Row{"XX001", {ErrorCode::io, "the database is damaged; restore it from a backup"}},
    Row{"XX002", {ErrorCode::io, "an index is damaged; see REINDEX"}},
    Row{"0A000", {ErrorCode::configuration, "the server does not support this"}},
    Row{"", {ErrorCode::unavailable, "check that the server runs and that the URL is right"}},
};

/// The first line: what follows may quote a statement.
std::string first_line(const std::string& message) {
  const std::string_view text = trimmed(message);
  const std::string_view line = text.substr(0, text.find('\n'));
  const std::string_view error = "ERROR:", fatal = "FATAL:";
  if (line.starts_with(error)) return std::string(trimmed(line.substr(error.size())));
  if (line.starts_with(fatal)) return std::string(trimmed(line.substr(fatal.size())));
  return std::string(line);
}

std::string shown(const std::string& sqlstate, const std::string& message) {
  const std::string line = first_line(message);
  return sqlstate.empty() ? "PostgreSQL: " + line
                          : "PostgreSQL: " + line + " (SQLSTATE " + sqlstate + ")";
}

bool may_pass(std::string_view sqlstate) {
  constexpr std::array<std::string_view, 7> kPassing{"",      "53300", "57P01", "57P02",
                                                     "57P03", "40001", "40P01"};
  return sqlstate.starts_with("08") ||
         std::find(kPassing.begin(), kPassing.end(), sqlstate) != kPassing.end();
}

}  // namespace

Meaning meaning_of(std::string_view sqlstate) {
  if (sqlstate.empty()) return kMeanings.back().meaning;
  const auto found = std::find_if(kMeanings.begin(), kMeanings.end() - 1,
                                  [&](const Row& row) { return sqlstate.starts_with(row.prefix); });
  return found == kMeanings.end() - 1 ? Meaning{ErrorCode::internal, ""} : found->meaning;
}

Failure::Failure(std::string sqlstate, const std::string& message)
    : Error(meaning_of(sqlstate).code, shown(sqlstate, message),
            std::string(meaning_of(sqlstate).hint)),
      sqlstate_(std::move(sqlstate)),
      retryable_(may_pass(sqlstate_)) {}

Failure::Failure(const Meaning& meaning, const std::string& message)
    : Error(meaning.code, "PostgreSQL: " + message, std::string(meaning.hint)), retryable_(false) {}

}  // namespace prism::postgres
