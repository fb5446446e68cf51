#include <algorithm>

#include <fmt/format.h>

#include <prism/drivers/postgres/connect.hpp>
#include <prism/drivers/postgres/connections.hpp>

namespace prism::postgres {
namespace {

using Clock = std::chrono::steady_clock;

/// libpqxx 6 makes a lost connection anew without a word, and a transaction on it begins to lie;
/// later versions don't, nor have they this function.
void forbid_reconnecting(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

std::string quoted_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

}  // namespace

struct Connections::Open {
  explicit Open(const std::string& conninfo) : connection(conninfo), quiet(connection) {
    forbid_reconnecting(connection);
  }

  pqxx::connection connection;
  pqxx::quiet_errorhandler quiet;  ///< notices are the server's business
  Clock::time_point idle_since;
};

Connections::Connections(const Options& options, Log& log, const Cancel& cancel)
    : options_(options),
      address_(read_address(options)),
      schema_(quoted_name(address_.schema)),
      log_(log),
      cancel_(cancel) {}

Connections::~Connections() = default;

std::unique_ptr<Connections::Open> Connections::open() {
  try {
    return std::make_unique<Open>(address_.conninfo);
  } catch (const pqxx::failure& failure) {
    // libpqxx tells no SQLSTATE of a connection that failed: libpq does.
    connect(address_, options_.settings.connection_timeout, cancel_);
    throw Failure("", failure.what());
  }
}

Connections::Place Connections::take_place() {
  close_idle();
  const std::size_t most = options_.settings.max_connections;
  if (in_use_ >= most) {
    throw Error(ErrorCode::configuration,
                fmt::format("{} connections to PostgreSQL are not enough", most),
                "POSTGRES_MAX_CONNECTIONS must be at least 5");
  }
  ++in_use_;
  return Place(*this);
}

Connections::Lease Connections::take() {
  Place place = take_place();
  std::unique_ptr<Open> connection;
  if (!idle_.empty()) {
    connection = std::move(idle_.back());
    idle_.pop_back();
  } else {
    retried([&] { connection = open(); });
  }
  return {*this, std::move(place), std::move(connection)};
}

void Connections::give_back(std::unique_ptr<Open> connection) {
  if (!connection->connection.is_open()) return;
  connection->idle_since = Clock::now();
  idle_.push_back(std::move(connection));
}

void Connections::close_idle() {
  const auto limit = options_.settings.idle_timeout;
  if (limit.count() == 0) return;
  const auto oldest = Clock::now() - limit;
  std::erase_if(idle_, [&](const auto& open) { return open->idle_since < oldest; });
}

void Connections::retried(const std::function<void()>& attempt) {
  postgres::retry(options_.wait, log_, cancel_, attempt);
}

std::string Connections::limits_sql() const {
  constexpr std::chrono::milliseconds kLockLimit{30'000};
  std::string sql =
      fmt::format("SET LOCAL lock_timeout = {}; SET LOCAL DateStyle = 'ISO'",
                  (kLockLimit + std::chrono::milliseconds(options_.lock_wait)).count());
  const auto limit = options_.settings.statement_timeout;
  if (limit.count() > 0) sql += fmt::format("; SET LOCAL statement_timeout = {}", limit.count());
  return sql;
}

void Connections::transact(const std::function<void(pqxx::transaction_base&)>& work) {
  retried([&] {
    const Lease lease = take();
    translated([&] {
      pqxx::work transaction(*lease);
      transaction.exec(limits_sql());
      work(transaction);
      transaction.commit();
    });
  });
}

// ---- Lease --------------------------------------------------------------------------------------

Connections::Lease::Lease(Connections& all, Place place, std::unique_ptr<Open> open)
    : all_(&all), place_(std::move(place)), open_(std::move(open)) {}

Connections::Lease::Lease(Lease&&) noexcept = default;

Connections::Lease::~Lease() {
  if (open_) all_->give_back(std::move(open_));
}

pqxx::connection& Connections::Lease::operator*() const { return open_->connection; }

// ---- translated ---------------------------------------------------------------------------------

std::string sqlstate_of(const pqxx::sql_error& error) {
  if (!error.sqlstate().empty()) return error.sqlstate();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr) return "42501";
  if (dynamic_cast<const pqxx::undefined_table*>(&error) != nullptr) return "42P01";
  if (dynamic_cast<const pqxx::undefined_column*>(&error) != nullptr) return "42703";
  if (dynamic_cast<const pqxx::undefined_function*>(&error) != nullptr) return "42883";
  if (dynamic_cast<const pqxx::disk_full*>(&error) != nullptr) return "53100";
  if (dynamic_cast<const pqxx::out_of_memory*>(&error) != nullptr) return "53200";
  return "42000";
}

void translated(const std::function<void()>& work) {
  try {
    work();
  } catch (const pqxx::sql_error& error) {
    throw Failure(sqlstate_of(error), error.what());
  } catch (const pqxx::serialization_failure& failure) {
    throw Failure("40001", failure.what());
  } catch (const pqxx::deadlock_detected& failure) {
    throw Failure("40P01", failure.what());
  } catch (const pqxx::too_many_connections& failure) {
    throw Failure("53300", failure.what());
  } catch (const pqxx::in_doubt_error& failure) {
    throw Failure("08007", failure.what());
  } catch (const pqxx::failure& failure) {
    throw Failure("", failure.what());
  }
}

}  // namespace prism::postgres
