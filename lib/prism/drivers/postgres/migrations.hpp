#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pqxx/pqxx>

#include <prism/base/cancel.hpp>
#include <prism/base/error.hpp>
#include <prism/base/log.hpp>
#include <prism/store/migration.hpp>

namespace prism::postgres {

/// How migrations are run, and in which table a database remembers them.
struct MigrationOptions {
  std::string schema;       ///< that holds the table; made if it isn't there
  std::string table;        ///< `version bigint, name text, checksum text, applied_at timestamptz`
  bool search_path = true;  ///< what the SQL doesn't qualify is in that schema
  bool all_or_nothing = true;  ///< one transaction for all; else one for each
  bool own = true;             ///< the program's: one that it doesn't know is of a newer program
  std::chrono::milliseconds lock_wait{0};  ///< for another run
  /// Called in the transaction, before the first step, if there is one; may throw.
  std::function<void(pqxx::transaction_base&, const store::MigrationPlan&)> before = {};
};

/// For the tables of a store: `schema_migration` in its schema.
MigrationOptions store_migrations(const std::string& schema);

/// For a system's own files: `prismctl_migration` in the schema that the system names, else in
/// `public`; one table, so one series of files, for a schema. Each file has a transaction of its
/// own: one may use what needs the one before to be committed, such as a new value of an enum.
MigrationOptions file_migrations(const std::string& schema);

/// Brings a database from one version to another. Keeps other runs away by an advisory lock of the
/// transaction, and sets nothing for longer than that, so that it works through PgBouncer in
/// transaction mode. What libpqxx throws for a lost connection passes through.
class Migrator {
 public:
  Migrator(pqxx::connection_base& connection, std::span<const store::Migration> migrations,
           MigrationOptions options, Log& log, const Cancel& cancel);

  /// The version of the database, and all migrations. Throws Error(refused) as `check_applied`.
  store::Schema schema();

  /// What `run` would do; changes nothing. Throws as `store::plan` and `schema` do.
  store::MigrationPlan plan(std::optional<store::Version> to);

  /// Does it, and returns what was done. Throws Error(locked) when another run, or a lock on what a
  /// migration changes, outlasts the wait. SQL that fails leaves the version before; the Error
  /// names the file or migration, the line and the SQLSTATE, and is bad_data, or internal for the
  /// program's own.
  store::MigrationPlan run(std::optional<store::Version> to);

 private:
  store::Schema read(pqxx::transaction_base& transaction);
  std::vector<store::AppliedMigration> applied(pqxx::transaction_base& transaction);
  bool has_table(pqxx::transaction_base& transaction) const;
  void warn_of_missing(std::span<const store::AppliedMigration> missing);
  store::MigrationPlan run_once(std::optional<store::Version> to);
  void prepare(pqxx::transaction_base& transaction);
  void lock(pqxx::transaction_base& transaction);
  [[noreturn]] void fail_locked(pqxx::transaction_base& transaction, std::int64_t key);
  void make_table(pqxx::transaction_base& transaction);
  void take(pqxx::transaction_base& transaction, const store::MigrationStep& step);
  void execute(pqxx::transaction_base& transaction, const store::MigrationStep& step);
  void record(pqxx::transaction_base& transaction, const store::MigrationStep& step);
  void commit(pqxx::transaction_base& transaction, const store::MigrationPlan& plan);
  [[noreturn]] void fail(const pqxx::sql_error& error, const store::MigrationStep& step,
                         std::size_t line) const;
  std::string table() const;

  pqxx::connection_base& connection_;
  std::span<const store::Migration> migrations_;
  MigrationOptions options_;
  Log& log_;
  const Cancel& cancel_;
  store::Version version_ = 0;  ///< before the transaction that goes on
  bool warned_ = false;
};

}  // namespace prism::postgres
