#include <array>
#include <string_view>

#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/setup/preflight/variables.hpp>

namespace prism::setup {
namespace {

using config::Variable;
using enum health::State;

/// Where one of `given` is set, one of `needed` has to be. Both are separated by `|`.
struct Need {
  std::string_view given;
  std::string_view needed;
  health::State level;
  std::string_view why;
};

constexpr std::array kNeeds{
    Need{"MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", critical, "MinIO has a user and a password"},
    Need{"MINIO_ROOT_PASSWORD", "MINIO_ROOT_USER", critical, "MinIO has a user and a password"},
    Need{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", critical, "an access key has a secret"},
    Need{"AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", critical, "a secret belongs to a key"},
    Need{"MINIO_ENDPOINT|MINIO_BUCKET_NAME",
         "MINIO_ROOT_USER|AWS_ACCESS_KEY_ID|PRISMCTL_S3_ACCESS_KEY", critical,
         "the bucket is asked for with a key"},
    Need{"MINIO_ENDPOINT", "MINIO_BUCKET_NAME", warning, "a server alone is no target"},
    Need{"POSTGRES_AUTH_PASSWORD", "POSTGRES_OPS_PASSWORD", critical,
         "the platform has two databases"},
    Need{"POSTGRES_OPS_PASSWORD", "POSTGRES_AUTH_PASSWORD", critical,
         "the platform has two databases"},
    Need{"POSTGRES_HOST|POSTGRES_DB|POSTGRES_USER",
         "POSTGRES_PASSWORD|DATABASE_URL|PGPASSWORD|"
         "PGPASSFILE",
         warning, "PostgreSQL is asked without a password"},
    Need{"POSTGRES_PASSWORD", "POSTGRES_DB|DATABASE_URL", warning,
         "the database is taken to have the user's name"},
    Need{"POSTGRES_PASSWORD", "POSTGRES_USER|DATABASE_URL", warning,
         "the user is taken to be postgres"},
    Need{"NEO4J_PASSWORD|NEO4J_USER", "NEO4J_URI|PRISMCTL_STORE", critical,
         "nothing tells where Neo4j is"},
    Need{"PRISM_SEED_XLS_DIR|PRISM_CSV_OUTPUT_DIR|PRISM_NEO4J_IMPORT_DIR",
         "NEO4J_URI|PRISMCTL_STORE", critical, "the facts of the workbooks have to go somewhere"},
    Need{"PRISM_SEED_XLS_DIR|PRISM_CSV_OUTPUT_DIR|PRISM_NEO4J_IMPORT_DIR",
         "REDIS_URL|PRISM_REDIS_ADDRESS|PRISMCTL_CACHE", critical,
         "the readers' cache is in Redis"},
    Need{"RELICA_CLARITY_API_PORT|ARCHIVIST_URL", "POSTGRES_HOST|DATABASE_URL", critical,
         "the service keeps its data in PostgreSQL"},
    Need{"REDIS_PASSWORD|PRISM_REDIS_PASSWORD", "REDIS_URL|PRISM_REDIS_ADDRESS|PRISMCTL_CACHE",
         warning, "nothing tells where Redis is"},
    Need{"CONSUL_HTTP_TOKEN", "CONSUL_HTTP_ADDR|POSTGRES_AUTH_PASSWORD", warning,
         "nothing tells where Consul is"},
};

/// A variable of ours may have its value from a flag or the config file as well.
bool is_set(const config::OpenSources& sources, std::string_view name) {
  if (sources.find_variable(Variable{name})) return true;
  for (const auto& spec : config::setting_specs()) {
    for (const Variable& variable : spec.environment) {
      if (variable.name == name) {
        return sources.find_flag(spec) || sources.find_in_config(spec.setting);
      }
    }
  }
  return false;
}

/// The first of these that is set; empty: none is.
std::string_view first_set(const config::OpenSources& sources, std::string_view names) {
  while (!names.empty()) {
    const auto end = std::min(names.find('|'), names.size());
    const std::string_view name = names.substr(0, end);
    if (is_set(sources, name)) return name;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return {};
}

/// Those that the systems have, not ours.
std::string in_words(std::string_view names) {
  names = names.substr(0, names.find("|PRISMCTL_"));
  std::string words;
  for (const char c : names) words += c == '|' ? " or " : std::string(1, c);
  return words;
}

/// The URL may have it.
void check_neo4j(const config::OpenSources& sources, Findings& findings) {
  constexpr std::string_view kNeeded =
      "NEO4J_PASSWORD|NEO4J_TOKEN|PRISMCTL_NEO4J_PASSWORD|PRISMCTL_NEO4J_TOKEN";
  const auto url = sources.find_variable(Variable{"NEO4J_URI"});
  if (!url || !config::password_of(url->text).empty()) return;
  if (!first_set(sources, kNeeded).empty()) return;
  findings.push_back(
      {warning, "NEO4J_PASSWORD", "missing beside NEO4J_URI", "Neo4j is asked without a password"});
}

}  // namespace

Findings check_variables(const config::Sources& sources) {
  const config::OpenSources opened(sources);
  Findings findings;
  for (const Need& need : kNeeds) {
    const std::string_view given = first_set(opened, need.given);
    if (given.empty() || !first_set(opened, need.needed).empty()) continue;
    findings.push_back({need.level, in_words(need.needed), "missing beside " + std::string(given),
                        std::string(need.why)});
  }
  check_neo4j(opened, findings);
  return findings;
}

}  // namespace prism::setup
