#include <charconv>

#include <poll.h>

#include <prism/drivers/postgres/bulk_connection.hpp>
#include <prism/drivers/postgres/session.hpp>

namespace prism::postgres {
namespace {

constexpr int kCancelAsked = 100;  ///< how often, in milliseconds

constexpr const char* kSettings =
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; "
    "SET row_security = off; SELECT pg_catalog.set_config('search_path', '', false)";

Session::Rows rows_of(const PGresult* result) {
  Session::Rows rows(static_cast<std::size_t>(PQntuples(result)));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (int column = 0; column < PQnfields(result); ++column) {
      const int row = static_cast<int>(i);
      const bool null = PQgetisnull(result, row, column) != 0;
      rows[i].push_back(null ? std::nullopt
                             : std::optional<std::string>(PQgetvalue(result, row, column)));
    }
  }
  return rows;
}

bool succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

}  // namespace

Session::Session(const Address& address, std::chrono::milliseconds limit, const Cancel& cancel)
    : cancel_(cancel), connection_(connect(address, limit, cancel)) {
  query(kSettings);
  if (version() >= 140000) query("SET idle_session_timeout = 0");
  if (version() >= 170000) query("SET transaction_timeout = 0");
}

void Session::wait() const {
  pollfd descriptor{PQsocket(connection_.get()), POLLIN, 0};
  while (::poll(&descriptor, 1, kCancelAsked) <= 0) {
    cancel_.check();
    if (interrupted_) throw Failure("", "nobody waits for the answer any more");
  }
}

void Session::send(const std::string& sql, const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  const int sent = values.empty() ? PQsendQuery(connection_.get(), sql.c_str())
                                  : PQsendQueryParams(connection_.get(), sql.c_str(),
                                                      static_cast<int>(values.size()), nullptr,
                                                      values.data(), nullptr, nullptr, 0);
  if (sent == 0) fail(nullptr);
}

Session::Rows Session::receive() {
  Rows rows;
  LibpqResult failed;
  for (;;) {
    while (PQisBusy(connection_.get()) != 0) {
      wait();
      if (PQconsumeInput(connection_.get()) == 0) fail(nullptr);
    }
    LibpqResult result(PQgetResult(connection_.get()));
    if (!result) break;
    if (succeeded(result.get())) {
      rows = rows_of(result.get());
    } else {
      failed = std::move(result);
    }
  }
  if (failed) fail(failed.get());
  return rows;
}

Session::Rows Session::query(const std::string& sql, const std::vector<std::string>& parameters) {
  cancel_.check();
  send(sql, parameters);
  return receive();
}

std::string Session::text(const std::string& sql, const std::vector<std::string>& parameters) {
  const Rows rows = query(sql, parameters);
  return rows.empty() || rows[0].empty() ? std::string() : rows[0][0].value_or("");
}

bool Session::is_true(const std::string& sql, const std::vector<std::string>& parameters) {
  return text(sql, parameters) == "t";
}

std::uint64_t Session::number(const std::string& sql, const std::vector<std::string>& parameters) {
  const std::string digits = text(sql, parameters);
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string Session::version_text() const {
  const char* text = PQparameterStatus(connection_.get(), "server_version");
  const std::string version = text == nullptr ? "" : text;
  return version.substr(0, version.find(' '));
}

void Session::fail(const PGresult* result) const {
  cancel_.check();
  const char* const state =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  throw Failure(state == nullptr ? "" : state, result == nullptr ? PQerrorMessage(connection_.get())
                                                                 : PQresultErrorMessage(result));
}

}  // namespace prism::postgres
