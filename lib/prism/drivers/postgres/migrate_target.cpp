#include <pqxx/pqxx>

#include <prism/base/text.hpp>
#include <prism/drivers/postgres/connections.hpp>
#include <prism/drivers/postgres/migrate_target.hpp>
#include <prism/drivers/postgres/migrations.hpp>

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

}  // namespace

store::MigrationPlan migrate_target(const config::Target& target,
                                    std::span<const store::Migration> migrations,
                                    std::optional<store::Version> to, bool dry_run,
                                    const Options& options, Log& log, const Cancel& cancel) {
  MigrationOptions migration_options = file_migrations(target.schema);
  migration_options.lock_wait = options.lock_wait;
  Connections connections(options, log, cancel);
  store::MigrationPlan plan;
  connections.retried([&] {
    const Connections::Lease lease = connections.take();
    translated([&] {
      const Notices notices(*lease, log);
      Migrator migrator(*lease, migrations, migration_options, log, cancel);
      plan = dry_run ? migrator.plan(to) : migrator.run(to);
    });
  });
  return plan;
}

}  // namespace prism::postgres
