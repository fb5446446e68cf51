#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/lock.hpp>
#include <prism/drivers/postgres/migrations.hpp>
#include <prism/drivers/postgres/sql_failure.hpp>
#include <prism/setup/sql_script.hpp>

namespace prism::postgres {
namespace {

using store::AppliedMigration;
using store::Direction;
using store::Migration;
using store::MigrationPlan;
using store::MigrationStep;
using store::Version;

const MigrationStep& last_step(const MigrationPlan& plan) { return plan.steps.back(); }

/// Of all steps, the first one only, as long as more come after it.
void keep_first(MigrationPlan& plan) {
  if (plan.steps.size() < 2) return;
  const bool up = plan.steps.front().direction == Direction::up;
  plan.to = up ? plan.steps[0].version : plan.steps[1].version;
  plan.steps.resize(1);
}

/// Whether what another run did in between has this one turn round or begin again.
bool turns(const MigrationPlan& done, const MigrationPlan& next) {
  if (done.steps.empty() || next.steps.empty()) return false;
  const MigrationStep& last = last_step(done);
  const MigrationStep& first = next.steps.front();
  return last.direction != first.direction ||
         (last.direction == Direction::up) != (first.version > last.version);
}

}  // namespace

MigrationOptions store_migrations(const std::string& schema) {
  return {.schema = schema, .table = "schema_migration"};
}

MigrationOptions file_migrations(const std::string& schema) {
  return {.schema = schema.empty() ? "public" : schema,
          .table = "prismctl_migration",
          .search_path = !schema.empty(),
          .all_or_nothing = false,
          .own = false};
}

Migrator::Migrator(pqxx::connection_base& connection, std::span<const Migration> migrations,
                   MigrationOptions options, Log& log, const Cancel& cancel)
    : connection_(connection),
      migrations_(migrations),
      options_(std::move(options)),
      log_(log),
      cancel_(cancel) {}

std::string Migrator::table() const {
  return connection_.quote_name(options_.schema) + "." + connection_.quote_name(options_.table);
}

// ---- reading ------------------------------------------------------------------------------------

store::Schema Migrator::schema() {
  pqxx::read_transaction transaction(connection_);
  return read(transaction);
}

MigrationPlan Migrator::plan(std::optional<Version> to) { return store::plan(schema(), to); }

/// By a query, for a name that was looked up before the lock was there may still be remembered as
/// nobody's.
bool Migrator::has_table(pqxx::transaction_base& transaction) const {
  return transaction
      .exec1("SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = " +
             connection_.quote(options_.schema) +
             " AND tablename = " + connection_.quote(options_.table) + ")")[0]
      .as<bool>();
}

std::vector<AppliedMigration> Migrator::applied(pqxx::transaction_base& transaction) {
  std::vector<AppliedMigration> applied;
  if (!has_table(transaction)) return applied;
  for (const auto& row :
       transaction.exec("SELECT version, name, checksum FROM " + table() + " ORDER BY version")) {
    applied.push_back({row[0].as<Version>(), row[1].as<std::string>(), row[2].as<std::string>()});
  }
  return applied;
}

/// A file that is missing is no reason to stop, but there is no way back from it.
store::Schema Migrator::read(pqxx::transaction_base& transaction) {
  const auto applied = this->applied(transaction);
  store::Schema schema{applied.empty() ? 0 : applied.back().version,
                       {migrations_.begin(), migrations_.end()}};
  if (options_.own && schema.version > schema.newest()) return schema;
  store::check_applied(migrations_, applied);
  const auto missing = store::missing_among(migrations_, applied);
  for (const AppliedMigration& was : missing) {
    schema.migrations.push_back({was.version, was.name, "", ""});
  }
  std::sort(schema.migrations.begin(), schema.migrations.end(),
            [](const Migration& a, const Migration& b) { return a.version < b.version; });
  warn_of_missing(missing);
  return schema;
}

void Migrator::warn_of_missing(std::span<const AppliedMigration> missing) {
  if (std::exchange(warned_, true)) return;
  for (const AppliedMigration& was : missing) {
    log_.warning(fmt::format("{}: was applied to this database and is no longer there", was.name));
  }
}

// ---- running ------------------------------------------------------------------------------------

MigrationPlan Migrator::run(std::optional<Version> to) {
  // Where nothing is to be done nobody need be kept away.
  MigrationPlan done = plan(to);
  if (done.steps.empty()) return done;
  to = done.to;
  done = run_once(to);
  while (!options_.all_or_nothing && !done.steps.empty() && done.to != *to) {
    MigrationPlan next = run_once(to);
    if (next.steps.empty()) break;
    if (turns(done, next)) {
      throw Error(ErrorCode::locked, "another run changes the version at the same time");
    }
    done.to = next.to;
    std::move(next.steps.begin(), next.steps.end(), std::back_inserter(done.steps));
  }
  return done;
}

MigrationPlan Migrator::run_once(std::optional<Version> to) {
  pqxx::work transaction(connection_);
  prepare(transaction);
  lock(transaction);
  MigrationPlan plan = store::plan(read(transaction), to);
  version_ = plan.from;
  if (plan.steps.empty()) return plan;
  if (options_.before) options_.before(transaction, plan);
  if (!options_.all_or_nothing) keep_first(plan);
  make_table(transaction);
  for (const MigrationStep& step : plan.steps) take(transaction, step);
  commit(transaction, plan);
  return plan;
}

/// What others did while the lock was waited for must be seen. The SQL is UTF-8, and is told apart
/// into statements as if backslashes meant nothing.
void Migrator::prepare(pqxx::transaction_base& transaction) {
  constexpr std::chrono::milliseconds kShortest{5000};
  transaction.exec(
      fmt::format("SET LOCAL client_encoding = 'UTF8';"
                  "SET LOCAL standard_conforming_strings = on;"
                  "SET LOCAL lock_timeout = {}",
                  std::max(kShortest, options_.lock_wait).count()));
  if (options_.search_path) {
    transaction.exec("SET LOCAL search_path = " + connection_.quote_name(options_.schema));
  }
}

/// Asks again and again: a wait in the server could not be interrupted.
void Migrator::lock(pqxx::transaction_base& transaction) {
  constexpr std::chrono::milliseconds kPause{50};
  const std::int64_t key =
      lock_key("prismctl migrations " + options_.schema + "." + options_.table);
  const auto deadline = std::chrono::steady_clock::now() + options_.lock_wait;
  const std::string sql = fmt::format("SELECT pg_try_advisory_xact_lock({})", key);
  while (!transaction.exec1(sql)[0].as<bool>()) {
    cancel_.check();
    if (std::chrono::steady_clock::now() >= deadline) fail_locked(transaction, key);
    std::this_thread::sleep_for(kPause);
  }
}

void Migrator::fail_locked(pqxx::transaction_base& transaction, std::int64_t key) {
  const auto rows = transaction.exec(fmt::format(
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND "
      "classid::bigint << 32 | objid::bigint = {} AND database = (SELECT oid FROM pg_database "
      "WHERE "
      "datname = current_database())",
      key));
  const std::string owner =
      rows.empty() ? "" : fmt::format(" (server process {})", rows[0][0].as<std::string>());
  throw Error(ErrorCode::locked, "another run migrates this database" + owner,
              "wait for it with --lock-wait SECONDS");
}

/// Asked first: who may not create a schema may use one that is there, and the server has nothing
/// to notice.
void Migrator::make_table(pqxx::transaction_base& transaction) {
  if (has_table(transaction)) return;
  const auto there =
      transaction.exec1("SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = " +
                        connection_.quote(options_.schema) + ")");
  if (!there[0].as<bool>()) {
    transaction.exec("CREATE SCHEMA " + connection_.quote_name(options_.schema));
  }
  transaction.exec("CREATE TABLE " + table() +
                   " (version bigint PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
                   " applied_at timestamptz NOT NULL DEFAULT now())");
}

void Migrator::take(pqxx::transaction_base& transaction, const MigrationStep& step) {
  execute(transaction, step);
  try {
    // What a file sets must not outlive it, nor stand in the way of what follows.
    if (!options_.own) transaction.exec("RESET ALL; RESET ROLE");
    record(transaction, step);
  } catch (const pqxx::sql_error& e) {
    fail(e, step, 0);
  }
  log_.debug(fmt::format("{}: done", store::source_of(step)));
}

void Migrator::execute(pqxx::transaction_base& transaction, const MigrationStep& step) {
  for (const setup::SqlStatement& statement : setup::split_sql(step.sql)) {
    cancel_.check();
    try {
      transaction.exec(std::string(statement.text));
    } catch (const pqxx::sql_error& e) {
      fail(e, step, statement.line);
    }
  }
}

void Migrator::record(pqxx::transaction_base& transaction, const MigrationStep& step) {
  if (step.direction == Direction::down) {
    transaction.exec(fmt::format("DELETE FROM {} WHERE version = {}", table(), step.version));
    return;
  }
  transaction.exec(fmt::format("INSERT INTO {} (version, name, checksum) VALUES ({}, {}, {})",
                               table(), step.version, connection_.quote(step.name),
                               connection_.quote(store::checksum_of(step.sql))));
}

/// Constraints may have been left to the end.
void Migrator::commit(pqxx::transaction_base& transaction, const MigrationPlan& plan) {
  try {
    transaction.commit();
  } catch (const pqxx::sql_error& e) {
    fail(e, last_step(plan), 0);
  }
}

void Migrator::fail(const pqxx::sql_error& error, const MigrationStep& step,
                    std::size_t line) const {
  const SqlFailure failure = read_failure(error);
  const ErrorCode otherwise = options_.own ? ErrorCode::internal : ErrorCode::bad_data;
  std::string place = store::source_of(step) + ": ";
  if (line > 0) place += fmt::format("line {}: ", line + failure.line);
  std::string hint = failure.hint;
  if (hint.empty()) hint = fmt::format("nothing of it was stored: version {} stays", version_);
  throw Error(failure.code.value_or(otherwise),
              fmt::format("{}{} (SQLSTATE {})", place, failure.message, error.sqlstate()), hint);
}

}  // namespace prism::postgres
