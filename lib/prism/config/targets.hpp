#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <prism/base/export.hpp>
#include <prism/config/config_file.hpp>
#include <prism/config/sources.hpp>

namespace prism::config {

/// A database of the system that is looked after, some of its files, or a service, by a plain name.
/// Never taken as the fact store unasked.
struct Target {
  std::string name;  ///< `store`, `auth`, `ops`, or as the config file has it
  /// `postgresql`, `sqlite`, `neo4j`, `redis`, `nats`, `consul`, `s3`, `files`; and those that are
  /// only looked at: `http`, `grpc`, `tcp`
  std::string kind;
  std::string url;     ///< as the driver of that kind takes it: may hold a password
  std::string schema;  ///< the one that the system's own URL names; empty: it names none
  std::string origin;  ///< `environment DATABASE_URL`, …
  std::vector<std::string> paths = {};  ///< of `files`
  std::string root = {};    ///< of `files`: where they are restored; empty: where they were
  std::string before = {};  ///< see ConfiguredTarget
  std::string after = {};   ///< see ConfiguredTarget
  std::chrono::seconds time_limit{0};  ///< see ConfiguredTarget
  std::string scratch = {};            ///< see ConfiguredTarget
  std::string dump_command = {};       ///< see ConfiguredTarget
  std::string load_command = {};       ///< see ConfiguredTarget
  Watching watching = {};
};

/// A target of the kind that the URL tells; a relative path in one is relative to `folder`. Throws
/// Error(configuration) for a URL that is of no known kind.
PRISM_API Target target_of_url(const std::string& name, const std::string& url,
                               const std::filesystem::path& folder, const std::string& origin);

/// All that the sources tell of, by name: those of the config file, then of the variables that
/// systems have: DATABASE_URL (PostgreSQL or SQLite), else POSTGRES_HOST, …PORT, …USER, …PASSWORD
/// and …DB (`store`), POSTGRES_AUTH_PASSWORD (`auth`) and POSTGRES_OPS_PASSWORD (`ops`), both with
/// …_HOST, …_PORT, …_USER and …_DB where these are not as usual, REDIS_URL,
/// else PRISM_REDIS_ADDRESS (`cache`), NEO4J_URI (`graph`), MINIO_BUCKET_NAME with MINIO_ENDPOINT
/// or MINIO_ROOT_USER (`objects`), CONSUL_HTTP_ADDR (`consul`), NATS_URL (`nats`), PRISM_PORT or
/// RELICA_CLARITY_API_PORT (`api`), ARCHIVIST_URL (`archivist`), PRISM_AUTH_GRPC_ADDRESS and
/// PRISM_CONFIG_GRPC_ADDRESS (`auth-grpc`, `config-grpc`). A system with both
/// POSTGRES_AUTH_PASSWORD and POSTGRES_OPS_PASSWORD has `nats`, `consul`, `health` and, with
/// MINIO_ROOT_USER, `objects` on this machine where it names no others. Throws Error(configuration)
/// for a URL in the config file that is of no known kind.
PRISM_API std::vector<Target> find_targets(const Sources& sources);

/// Words on each variable that names a part of the system that is no target.
PRISM_API std::vector<std::string> find_others(const Sources& sources);

/// The target of that name. Throws Error(usage) that names those that there are.
PRISM_API const Target& target_named(const std::vector<Target>& targets, const std::string& name);

}  // namespace prism::config
