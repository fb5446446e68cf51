#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <prism/backup/component.hpp>
#include <prism/base/access.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/log.hpp>
#include <prism/cache/sink.hpp>
#include <prism/config/servers.hpp>
#include <prism/config/targets.hpp>
#include <prism/drivers/load_via.hpp>
#include <prism/repository/repository.hpp>
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

/// A target as something that is dumped and restored. `scratch_folder` is for what can't be
/// streamed; empty: $TMPDIR. Throws Error(configuration) for a kind of target that isn't backed up.
PRISM_API std::unique_ptr<backup::Component> open_component(
    const config::Target& target, const std::filesystem::path& scratch_folder,
    const Cancel& cancel);

/// Where backups lie: a folder, by its path or `file:PATH`. Throws Error(configuration) for any
/// other URL.
PRISM_API std::unique_ptr<repository::Repository> open_repository(const std::string& url);

/// The files of `neo4j-admin database import full`.
PRISM_API std::unique_ptr<store::FactFiles> neo4j_import_files();

/// Whether a store of that URL can hold the cache as well.
PRISM_API bool holds_cache(const std::string& store_url);

}  // namespace prism::drivers
