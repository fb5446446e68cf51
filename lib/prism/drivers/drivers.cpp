#include <algorithm>
#include <array>

#include <prism/base/error.hpp>
#include <prism/config/url.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/drivers/neo4j/import_files.hpp>
#include <prism/drivers/neo4j/store.hpp>
#include <prism/drivers/postgres/migrate_target.hpp>
#include <prism/drivers/postgres/store.hpp>
#include <prism/drivers/postgres/user_table.hpp>
#include <prism/drivers/redis/cache.hpp>
#include <prism/drivers/s3/repository.hpp>
#include <prism/drivers/sqlite/cache.hpp>
#include <prism/drivers/sqlite/store.hpp>
#include <prism/drivers/sqlite/user_table.hpp>
#include <prism/repository/folder.hpp>

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
  if (options.swap) {
    throw Error(ErrorCode::usage, "--swap is for a cache in Redis",
                "a cache in an SQLite file is exchanged as a whole anyway");
  }
  return sqlite::open_cache(sqlite_options(options), cancel);
}

std::unique_ptr<store::FactStore> open_postgres_store(const OpenOptions& options, Log& log,
                                                      const Cancel& cancel) {
  return postgres::open_store({options.url, options.access, options.lock_wait, options.servers.wait,
                               options.servers.postgres},
                              log, cancel);
}

std::unique_ptr<store::FactStore> open_neo4j_store(const OpenOptions& options, Log& log,
                                                   const Cancel& cancel) {
  return neo4j::open_store({.connections = {.address = neo4j::parse_address(options.url),
                                            .settings = options.servers.neo4j,
                                            .wait = options.servers.wait},
                            .access = options.access,
                            .load_via = options.load_via.value_or(LoadVia::bolt)},
                           log, cancel);
}

std::unique_ptr<cache::CacheSink> open_redis_cache(const OpenOptions& options, Log& log,
                                                   const Cancel& cancel) {
  return redis::open_cache({.address = redis::parse_address(options.url),
                            .settings = options.servers.redis,
                            .wait = options.servers.wait,
                            .lock_wait = options.lock_wait,
                            .swap = options.swap},
                           log, cancel);
}

/// All that one kind of database can be, by the scheme of its URLs; null: it can't be that.
struct Driver {
  std::string_view scheme;
  std::unique_ptr<store::FactStore> (*open_store)(const OpenOptions&, Log&, const Cancel&);
  std::unique_ptr<cache::CacheSink> (*open_cache)(const OpenOptions&, Log&, const Cancel&);
};

constexpr std::array kDrivers{
    Driver{"sqlite", open_sqlite_store, open_sqlite_cache},
    Driver{"postgresql", open_postgres_store, nullptr},
    Driver{"postgres", open_postgres_store, nullptr},
    Driver{"bolt", open_neo4j_store, nullptr},
    Driver{"bolt+s", open_neo4j_store, nullptr},
    Driver{"bolt+ssc", open_neo4j_store, nullptr},
    Driver{"neo4j", open_neo4j_store, nullptr},
    Driver{"neo4j+s", open_neo4j_store, nullptr},
    Driver{"neo4j+ssc", open_neo4j_store, nullptr},
    Driver{"redis", nullptr, open_redis_cache},
    Driver{"rediss", nullptr, open_redis_cache},
    Driver{"unix", nullptr, open_redis_cache},
    Driver{"redis+sentinel", nullptr, open_redis_cache},
    Driver{"rediss+sentinel", nullptr, open_redis_cache},
    Driver{"redis+cluster", nullptr, open_redis_cache},
    Driver{"rediss+cluster", nullptr, open_redis_cache},
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
  const Driver& driver = driver_of(options.url);
  if (driver.open_store == nullptr) {
    throw Error(ErrorCode::configuration,
                std::string(driver.scheme) + ": such a database holds no facts, only their cache",
                "name the store with --store and this one with --cache");
  }
  if (options.load_via && driver.open_store != open_neo4j_store) {
    throw Error(ErrorCode::usage,
                std::string(driver.scheme) + ": a way of loading is chosen for Neo4j alone",
                "leave out --via");
  }
  return driver.open_store(options, log, cancel);
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

bool holds_users(const std::string& kind) { return kind == "postgresql" || kind == "sqlite"; }

std::unique_ptr<setup::UserTable> open_user_table(const config::Target& target,
                                                  const UserTableOptions& options, Log& log,
                                                  const Cancel& cancel) {
  if (target.kind == "sqlite") {
    return sqlite::open_user_table(
        sqlite_options({target.url, options.access, options.lock_wait, options.servers}), cancel);
  }
  if (target.kind == "postgresql") {
    return postgres::open_user_table(target,
                                     {target.url, options.access, options.lock_wait,
                                      options.servers.wait, options.servers.postgres},
                                     log, cancel);
  }
  throw Error(ErrorCode::configuration,
              "target " + target.name + ": " + target.kind + " holds no users of a system",
              "they are in PostgreSQL or SQLite; name another target with --target");
}

std::unique_ptr<repository::Repository> open_repository(const std::string& url,
                                                        const config::ServerSettings& servers,
                                                        Log& log, const Cancel& cancel) {
  if (config::scheme_of(url) == "s3") {
    return std::make_unique<s3::S3Repository>(url, s3::ClientOptions{servers.s3, servers.wait}, log,
                                              cancel);
  }
  constexpr std::string_view kFile = "file:";
  const std::string path = url.starts_with(kFile) ? url.substr(kFile.size()) : url;
  if (path.find("://") == std::string::npos) {
    return std::make_unique<repository::FolderRepository>(path);
  }
  throw Error(ErrorCode::configuration,
              "no repository of this kind: " + config::without_password(url),
              "a path names a folder, s3://BUCKET/PREFIX a bucket");
}

std::unique_ptr<store::FactFiles> neo4j_import_files() {
  return std::make_unique<neo4j::ImportFiles>();
}

bool holds_cache(const std::string& store_url) {
  const Driver& driver = driver_of(store_url);
  return driver.open_store != nullptr && driver.open_cache != nullptr;
}

}  // namespace prism::drivers
