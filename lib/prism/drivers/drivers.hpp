#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/backup/scratch_target.hpp>
#include <prism/base/access.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/cache/sink.hpp>
#include <prism/config/servers.hpp>
#include <prism/config/targets.hpp>
#include <prism/drivers/load_via.hpp>
#include <prism/drivers/recovery.hpp>
#include <prism/health/probe.hpp>
#include <prism/repository/repository.hpp>
#include <prism/setup/user_table.hpp>
#include <prism/store/fact_files.hpp>
#include <prism/store/store.hpp>

namespace prism::drivers {

struct OpenOptions {
  std::string url;  ///< a path, or `scheme:…`
  Access access = Access::read;
  std::chrono::seconds lock_wait{0};
  config::ServerSettings servers = {};
  std::optional<LoadVia> load_via = {};  ///< a store; only Neo4j knows several ways
  bool swap = false;  ///< a cache: build it beside the old one and exchange the two at the commit
};

/// Opens the fact store that a URL names. Throws Error(configuration) for an unknown scheme, else
/// as the driver says. The log is told of retries and
/// warnings; what is opened must not outlive it.
PRISM_API std::unique_ptr<store::FactStore> open_store(const OpenOptions& options, Log& log,
                                                       const Cancel& cancel);

PRISM_API std::unique_ptr<cache::CacheSink> open_cache(const OpenOptions& options, Log& log,
                                                       const Cancel& cancel);

/// How a system's own migrations are run.
struct MigrateOptions {
  std::optional<store::Version> to = {};  ///< by default the newest
  bool dry_run = false;                   ///< only tell what would be done
  std::chrono::seconds lock_wait{0};
  config::ServerSettings servers = {};
};

/// Brings a system's own database to a version of its own migrations, and returns what was done.
/// Each is applied once and remembered in a table of the database. Throws Error(refused) where one
/// was changed since or comes too late, Error(bad_data) for SQL that fails (the version before it
/// stays), Error(configuration) for a kind of target that has no migrations.
PRISM_API store::MigrationPlan migrate_target(const config::Target& target,
                                              std::span<const store::Migration> migrations,
                                              const MigrateOptions& options, Log& log,
                                              const Cancel& cancel);

/// Whether targets of that kind can hold the users of a system.
PRISM_API bool holds_users(const std::string& kind);

/// How the users of a system are opened.
struct UserTableOptions {
  Access access = Access::read;
  std::chrono::seconds lock_wait{0};
  config::ServerSettings servers = {};
};

/// The table of users in the database that a target names: of the schema that its URL names, else
/// by the search path. Throws Error(configuration) for a kind of target that holds none, else as
/// the driver says. Log and `cancel` must outlive it.
PRISM_API std::unique_ptr<setup::UserTable> open_user_table(const config::Target& target,
                                                            const UserTableOptions& options,
                                                            Log& log, const Cancel& cancel);

/// A kind of target: all the files of a PostgreSQL server, of which physical copies are made. Its
/// URL is that of the server, or the folder into which one is restored.
inline constexpr const char* kPostgresCluster = "postgresql-cluster";

/// How physical copies are made and restored.
struct PhysicalOptions {
  repository::Repository* repository = nullptr;  ///< where their blocks lie
  bool delta = false;  ///< blocks that are in the repository are not stored again
  int level = 3;       ///< of zstd
  std::size_t threads = 2;
  std::vector<std::string> recipients = {};  ///< of age; none: not encrypted
  std::filesystem::path identity_file = {};  ///< of age
  std::filesystem::path key_file = {};       ///< see blocks::KeyOptions
  /// The artifacts of the newest copy of the cluster with that identifier; null: there is none.
  std::function<std::unique_ptr<backup::ArtifactReader>(const std::string& system)> earlier = {};
  Recovery recovery = {};                  ///< of a restore
  std::filesystem::path tablespaces = {};  ///< their parent; empty: `<folder>.tablespaces`
  bool rewrite = false;  ///< a restore writes only what differs from what is there
};

/// How targets are dumped and restored.
struct ComponentOptions {
  std::filesystem::path scratch_folder = {};  ///< for what can't be streamed; empty: $TMPDIR
  config::ServerSettings servers = {};
  std::chrono::seconds lock_wait{0};  ///< SQLite: for others' transactions; never less than 5 s
  std::size_t jobs = 1;               ///< of one restore, where the target's own tool can
  bool encrypted = false;       ///< backups are: where they aren't, secrets in them are warned of
  std::string repository = {};  ///< its URL: no part of the bucket that it lies in
  bool exact = false;  ///< a restore removes what the backup does not hold, also where it needn't
  bool in_place = false;  ///< PostgreSQL: into the database itself
  bool no_owner = false;  ///< PostgreSQL: what is restored belongs to who restores it
  bool no_acl = false;    ///< PostgreSQL: no grants are restored
  bool force = false;     ///< PostgreSQL: neither slots nor prepared transactions stop it
  PhysicalOptions physical = {};
};

/// A target as something that is dumped and restored. Throws Error(configuration) for a kind of
/// target that isn't backed up.
PRISM_API std::unique_ptr<backup::Component> open_component(const config::Target& target,
                                                            const ComponentOptions& options,
                                                            Log& log, const Cancel& cancel);

/// A scratch target for one restore test of `target`: a file or folder below the scratch folder, or
/// in the place that `target.scratch` names. Throws Error(configuration) where none can be had or
/// that place is one of `targets`.
PRISM_API std::unique_ptr<backup::ScratchTarget> open_scratch(
    const config::Target& target, std::span<const config::Target> targets,
    const ComponentOptions& options, Log& log, const Cancel& cancel);

/// Whether targets of that kind can be backed up; others are only looked at.
PRISM_API bool is_backed_up(const std::string& kind);

/// How targets are looked at.
struct ProbeOptions {
  std::chrono::seconds time_limit{5};
  config::ServerSettings servers = {};
};

/// A target as something whose state can be asked for. Throws Error(configuration) for a URL that
/// is none. Log and `cancel` must outlive it.
PRISM_API std::unique_ptr<health::Probe> open_probe(const config::Target& target,
                                                    ProbeOptions options, Log& log,
                                                    const Cancel& cancel);

/// The order in which targets are backed up: what refers to something else comes before it, so that
/// what a row names is in the set as well. Databases, then caches and queues, then objects, then
/// files; by name within each.
PRISM_API void put_in_order(std::vector<config::Target>& targets);

/// Where backups lie: a folder, by its path or `file:PATH`, or `s3://BUCKET/PREFIX`. Throws
/// Error(configuration) for any other URL. Log and `cancel` must outlive it.
PRISM_API std::unique_ptr<repository::Repository> open_repository(
    const std::string& url, const config::ServerSettings& servers, Log& log, const Cancel& cancel);

/// The files of `neo4j-admin database import full`.
PRISM_API std::unique_ptr<store::FactFiles> neo4j_import_files();

/// Whether a store of that URL can hold the cache as well.
PRISM_API bool holds_cache(const std::string& store_url);

}  // namespace prism::drivers
