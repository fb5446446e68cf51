#include <pqxx/pqxx>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/postgres/migrate_target.hpp>
#include <prism/drivers/postgres/migrations.hpp>
#include <prism/drivers/postgres/sql_failure.hpp>

namespace prism::postgres {
namespace {

/// What a migration tells with RAISE NOTICE and the like.
class Notices : public pqxx::errorhandler {
 public:
  Notices(pqxx::connection_base& connection, Log& log)
      : pqxx::errorhandler(connection), log_(log) {}

  bool operator()(const char words[]) noexcept override {
    try {
      log_.info(trimmed(words));
    } catch (...) {
      return true;
    }
    return false;
  }

 private:
  Log& log_;
};

store::MigrationPlan with_connection(
    const config::Target& target,
    const std::function<store::MigrationPlan(pqxx::connection&)>& work) {
  const std::string name = target.name + " (" + config::without_password(target.url) + "): ";
  try {
    pqxx::connection connection(target.url);
    return work(connection);
  } catch (const pqxx::sql_error& e) {
    const SqlFailure failure = read_failure(e);
    throw Error(failure.code.value_or(ErrorCode::internal), name + failure.message, failure.hint);
  } catch (const pqxx::in_doubt_error&) {
    throw Error(ErrorCode::unavailable, name + "the connection was lost at the commit",
                "run it again: what was done is remembered");
  } catch (const pqxx::broken_connection& e) {
    throw Error(ErrorCode::unavailable, name + std::string(trimmed(e.what())));
  }
}

}  // namespace

store::MigrationPlan migrate_target(const config::Target& target,
                                    std::span<const store::Migration> migrations,
                                    std::optional<store::Version> to, bool dry_run,
                                    std::chrono::seconds lock_wait, Log& log,
                                    const Cancel& cancel) {
  return with_connection(target, [&](pqxx::connection& connection) {
    const Notices notices(connection, log);
    MigrationOptions options = file_migrations(target.schema);
    options.lock_wait = lock_wait;
    Migrator migrator(connection, migrations, std::move(options), log, cancel);
    return dry_run ? migrator.plan(to) : migrator.run(to);
  });
}

}  // namespace prism::postgres
