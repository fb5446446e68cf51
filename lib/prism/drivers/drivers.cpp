#include <algorithm>
#include <array>

#include <prism/base/error.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/drivers/postgres/migrate_target.hpp>
#include <prism/drivers/postgres/store.hpp>
#include <prism/drivers/sqlite/cache.hpp>
#include <prism/drivers/sqlite/store.hpp>

namespace prism::drivers {
namespace {

sqlite::Options sqlite_options(const OpenOptions& options) {
  constexpr std::chrono::milliseconds kShortest{5000};
  return {config::sqlite_path(options.url), options.access,
          std::max<std::chrono::milliseconds>(kShortest, options.lock_wait)};
}

std::unique_ptr<store::FactStore> open_sqlite_store(const OpenOptions& options, Log&,
                                                    const Cancel& cancel) {
  return sqlite::open_store(sqlite_options(options), cancel);
}

std::unique_ptr<cache::CacheSink> open_sqlite_cache(const OpenOptions& options, Log&,
                                                    const Cancel& cancel) {
  return sqlite::open_cache(sqlite_options(options), cancel);
}

std::unique_ptr<store::FactStore> open_postgres_store(const OpenOptions& options, Log& log,
                                                      const Cancel& cancel) {
  return postgres::open_store({options.url, options.access, options.lock_wait, options.servers.wait,
                               options.servers.postgres},
                              log, cancel);
}

/// All that one kind of database can be, by the scheme of its URLs.
struct Driver {
  std::string_view scheme;
  std::unique_ptr<store::FactStore> (*open_store)(const OpenOptions&, Log&, const Cancel&);
  std::unique_ptr<cache::CacheSink> (*open_cache)(const OpenOptions&, Log&, const Cancel&);
};

constexpr std::array kDrivers{
    Driver{"sqlite", open_sqlite_store, open_sqlite_cache},
    Driver{"postgresql", open_postgres_store, nullptr},
    Driver{"postgres", open_postgres_store, nullptr},
};

const Driver& driver_of(const std::string& url) {
  const std::string scheme = config::scheme_of(url);
  const auto found = std::find_if(kDrivers.begin(), kDrivers.end(),
                                  [&](const Driver& driver) { return driver.scheme == scheme; });
  if (found != kDrivers.end()) return *found;
  throw Error(ErrorCode::configuration, "no driver for " + scheme + " in this version of prismctl",
              "a path or sqlite:PATH names an SQLite file; see --store and --cache");
}

}  // namespace

std::unique_ptr<store::FactStore> open_store(const OpenOptions& options, Log& log,
                                             const Cancel& cancel) {
  return driver_of(options.url).open_store(options, log, cancel);
}

std::unique_ptr<cache::CacheSink> open_cache(const OpenOptions& options, Log& log,
                                             const Cancel& cancel) {
  const Driver& driver = driver_of(options.url);
  if (driver.open_cache != nullptr) return driver.open_cache(options, log, cancel);
  throw Error(ErrorCode::configuration,
              "no cache can be in a " + std::string(driver.scheme) + " database",
              "choose another with --cache, or none");
}

store::MigrationPlan migrate_target(const config::Target& target,
                                    std::span<const store::Migration> migrations,
                                    const MigrateOptions& options, Log& log, const Cancel& cancel) {
  if (target.kind == "postgresql") {
    const postgres::Options postgres_options{target.url, Access::write, options.lock_wait,
                                             options.servers.wait, options.servers.postgres};
    return postgres::migrate_target(target, migrations, options.to, options.dry_run,
                                    postgres_options, log, cancel);
  }
  throw Error(ErrorCode::configuration,
              "target " + target.name + ": no migrations for " + target.kind);
}

bool holds_cache(const std::string& store_url) {
  return driver_of(store_url).open_cache != nullptr;
}

}  // namespace prism::drivers
