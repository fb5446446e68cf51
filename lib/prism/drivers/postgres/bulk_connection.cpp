#include <charconv>
#include <utility>

#include <poll.h>

#include <prism/drivers/postgres/bulk_connection.hpp>

namespace prism::postgres {
namespace {

constexpr int kCancelAsked = 100;  ///< how often, in milliseconds

std::string sqlstate_of(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? std::string() : state;
}

bool succeeded(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
      return true;
    default:
      return false;
  }
}

}  // namespace

BulkConnection::BulkConnection(Connections& connections)
    : cancel_(connections.cancel()), place_(connections.take_place()) {
  connections.retried([&] {
    connection_ = connect(connections.address(), connections.connection_timeout(), cancel_);
    PQsetnonblocking(connection_.get(), 1);
    execute("BEGIN; " + connections.limits_sql());
  });
}

BulkConnection::BulkConnection(const Address& address, std::chrono::milliseconds limit,
                               const Cancel& cancel)
    : cancel_(cancel), connection_(connect(address, limit, cancel)) {
  PQsetnonblocking(connection_.get(), 1);
  execute("BEGIN");
}

BulkConnection::~BulkConnection() = default;

LibpqResult BulkConnection::execute(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) fail(nullptr);
  return finish_results();
}

LibpqResult BulkConnection::execute(const std::string& sql,
                                    const std::vector<std::string>& parameters) {
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, 0) == 0) {
    fail(nullptr);
  }
  return finish_results();
}

std::int64_t BulkConnection::integer(const std::string& sql) {
  const LibpqResult result = execute(sql);
  std::int64_t value = 0;
  if (PQntuples(result.get()) > 0) {
    const char* text = PQgetvalue(result.get(), 0, 0);
    std::from_chars(text, text + PQgetlength(result.get(), 0, 0), value);
  }
  return value;
}

// ---- COPY ---------------------------------------------------------------------------------------

void BulkConnection::begin_copy(const std::string& sql) { execute(sql); }

void BulkConnection::put(std::string_view bytes) {
  for (;;) {
    const int taken =
        PQputCopyData(connection_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (taken == 1) break;
    if (taken < 0) fail(nullptr);
    wait(POLLIN | POLLOUT);
  }
  // What libpq can't send at once it would keep without limit.
  flush();
}

std::uint64_t BulkConnection::end_copy() {
  while (PQputCopyEnd(connection_.get(), nullptr) == 0) wait(POLLIN | POLLOUT);
  const LibpqResult result = finish_results();
  const std::string_view rows = PQcmdTuples(result.get());
  std::uint64_t count = 0;
  std::from_chars(rows.data(), rows.data() + rows.size(), count);
  return count;
}

void BulkConnection::copy_out(const std::string& sql,
                              const std::function<void(std::string_view)>& take) {
  execute(sql);
  for (;;) {
    char* data = nullptr;
    const int size = PQgetCopyData(connection_.get(), &data, 1);
    if (size == 0) {
      wait(POLLIN);
      if (PQconsumeInput(connection_.get()) == 0) fail(nullptr);
    } else if (size > 0) {
      const std::unique_ptr<char, decltype(&PQfreemem)> freed(data, PQfreemem);
      take({data, static_cast<std::size_t>(size)});
    } else {
      break;
    }
  }
  finish_results();
}

// ---- COMMIT -------------------------------------------------------------------------------------

bool BulkConnection::commit() {
  if (PQsendQuery(connection_.get(), "COMMIT") == 0) return false;
  try {
    const LibpqResult result = finish_results();
    // A transaction that failed before is rolled back by COMMIT, without an error.
    if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return true;
    throw Failure("25P02", "the transaction had failed and was rolled back");
  } catch (const Failure& failure) {
    if (!failure.sqlstate().empty() && !failure.sqlstate().starts_with("57P")) throw;
    return false;
  }
}

// ---- waiting ------------------------------------------------------------------------------------

void BulkConnection::wait(short events) {
  pollfd descriptor{PQsocket(connection_.get()), events, 0};
  if (descriptor.fd < 0) fail(nullptr);
  while (::poll(&descriptor, 1, kCancelAsked) <= 0) cancel_.check();
}

void BulkConnection::flush() {
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left == 0) return;
    if (left < 0) fail(nullptr);
    wait(POLLIN | POLLOUT);
    // The server may have something to say before it takes more, such as an error.
    if (PQconsumeInput(connection_.get()) == 0) fail(nullptr);
  }
}

LibpqResult BulkConnection::next_result() {
  flush();
  while (PQisBusy(connection_.get()) != 0) {
    wait(POLLIN);
    if (PQconsumeInput(connection_.get()) == 0) fail(nullptr);
  }
  return LibpqResult(PQgetResult(connection_.get()));
}

/// The last result of what was sent; where a COPY begins, its own.
LibpqResult BulkConnection::finish_results() {
  LibpqResult last;
  while (LibpqResult result = next_result()) {
    if (!succeeded(result.get())) fail(result.get());
    const ExecStatusType status = PQresultStatus(result.get());
    last = std::move(result);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) break;
  }
  if (!last) fail(nullptr);
  return last;
}

void BulkConnection::fail(const PGresult* result) {
  cancel_.check();
  if (result != nullptr) throw Failure(sqlstate_of(result), PQresultErrorMessage(result));
  // A server that ends a connection says why before: that comes as a result.
  const LibpqResult last(PQgetResult(connection_.get()));
  if (last && !sqlstate_of(last.get()).empty()) {
    throw Failure(sqlstate_of(last.get()), PQresultErrorMessage(last.get()));
  }
  throw Failure("", PQerrorMessage(connection_.get()));
}

}  // namespace prism::postgres
