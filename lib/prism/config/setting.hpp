#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <prism/base/export.hpp>

namespace prism::config {

enum class Setting : std::uint8_t {
  store,
  cache,
  repository,
  backup_recipients,
  backup_identity_file,
  backup_block_key_file,
  backup_before,
  backup_after,
  scratch_dir,
  workbooks,
  csv_folder,
  system_name,
  users_target,
  admin_password,
  entity_begin,
  fact_begin,
  temporary_end,
  lock_wait,
  wait,
  postgres_schema,
  postgres_max_connections,
  postgres_connection_timeout,
  postgres_idle_timeout,
  postgres_statement_timeout,
  postgres_bin_dir,
  redis_password,
  redis_timeout,
  redis_pool_size,
  redis_batch_size,
  redis_ca_file,
  redis_certificate_file,
  redis_key_file,
  neo4j_user,
  neo4j_password,
  neo4j_token,
  neo4j_timeout,
  neo4j_max_connections,
  neo4j_batch_size,
  neo4j_import_dir,
  neo4j_ca_file,
  s3_endpoint,
  s3_region,
  s3_addressing,
  s3_access_key,
  s3_secret_key,
  s3_session_token,
  s3_timeout,
  s3_retry_time,
  s3_ca_file,
  consul_token,
  consul_timeout,
  consul_ca_file,
  nats_user,
  nats_password,
  nats_token,
  nats_credentials_file,
  nats_timeout,
  nats_ca_file,
  http_ca_file,
  status_time_limit,
  status_warn,
  status_critical,
  healthcheck_url,
  log_level,
  log_format,
  log_file,
  audit_log,
};

constexpr std::size_t kSettingCount = static_cast<std::size_t>(Setting::audit_log) + 1;

enum class SettingKind : std::uint8_t { text, path, url, integer, choice, secret };

/// An environment variable that a setting is read from. `prefix` is put before its value.
struct Variable {
  std::string_view name;
  std::string_view prefix = {};
};

/// All that there is to say about a setting: flags, help, man pages, completions and
/// `prismctl config` are made from this.
struct SettingSpec {
  Setting setting;
  std::string_view key;   ///< in the config file, `table.name`
  std::string_view flag;  ///< without the dashes; empty: none
  std::string_view metavar;
  SettingKind kind;
  std::array<Variable, 2> environment;  ///< before the config file
  std::array<Variable, 2>
      other_environment;  ///< of the system looked after; behind the config file
  std::string_view default_value;
  std::string_view help;          ///< what it is and what follows from it
  std::int64_t least = 0;         ///< of an integer
  std::int64_t greatest = 0;      ///< of an integer
  std::string_view choices = {};  ///< of a choice, `a|b`
};

PRISM_API std::span<const SettingSpec, kSettingCount> setting_specs();

inline const SettingSpec& spec_of(Setting setting) {
  return setting_specs()[static_cast<std::size_t>(setting)];
}

}  // namespace prism::config
