#include <algorithm>
#include <array>
#include <string_view>

#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/setup/preflight/passwords.hpp>
#include <prism/setup/preflight/transport.hpp>

namespace prism::setup {
namespace {

using config::Setting;
using config::Variable;
using enum health::State;

/// Of systems, where no setting reads them.
constexpr std::array kVariables{
    "POSTGRES_PASSWORD", "POSTGRES_AUTH_PASSWORD", "POSTGRES_OPS_PASSWORD", "MINIO_ROOT_PASSWORD",
    "REDIS_PASSWORD",    "PRISM_REDIS_PASSWORD",   "NEO4J_PASSWORD"};

/// What products and examples come with.
constexpr std::array<std::string_view, 28> kKnown{
    "password", "password1",  "passw0rd", "pass",     "changeme",   "change_me", "changeit",
    "secret",   "secret123",  "admin",    "admin123", "root",       "test",      "test1234",
    "guest",    "default",    "example",  "postgres", "postgresql", "neo4j",     "neo4jpassword",
    "redis",    "minioadmin", "minio",    "minio123", "prism",      "relica",    "12345678"};

bool is_known(std::string_view password) {
  return std::any_of(kKnown.begin(), kKnown.end(),
                     [&](std::string_view known) { return equals_ignoring_case(password, known); });
}

void add(std::vector<Secret>& secrets, const std::string& where, const std::string& text) {
  const bool there = std::any_of(secrets.begin(), secrets.end(),
                                 [&](const Secret& secret) { return secret.where == where; });
  if (!text.empty() && !there) secrets.push_back({where, text});
}

/// A URL of healthcheck.url is a secret and no password.
bool is_password(const config::SettingSpec& spec) {
  return spec.kind == config::SettingKind::secret && spec.setting != Setting::healthcheck_url &&
         spec.setting != Setting::s3_access_key;
}

/// One that is made of variables has their password.
bool has_own_password(const config::Target& target) {
  return target.origin.find("POSTGRES_") == std::string::npos;
}

}  // namespace

std::vector<Secret> find_secrets(const config::Sources& sources, const config::Settings& settings,
                                 std::span<const config::Target> targets) {
  const config::OpenSources opened(sources);
  std::vector<Secret> secrets;
  for (const char* const name : kVariables) {
    const auto found = opened.find_variable(Variable{name});
    if (found) add(secrets, found->origin, found->text);
  }
  for (const auto& spec : config::setting_specs()) {
    const auto& value = settings.value(spec.setting);
    if (is_password(spec)) add(secrets, value.origin, value.text);
    if (spec.kind != config::SettingKind::url) continue;
    add(secrets, value.origin, config::password_of(value.text));
  }
  for (const config::Target& target : targets) {
    if (!has_own_password(target)) continue;
    const bool named = target.origin.starts_with("config file");
    add(secrets, named ? "target " + target.name : target.origin, config::password_of(target.url));
  }
  return secrets;
}

Findings check_passwords(std::span<const Secret> secrets) {
  constexpr std::size_t kShortest = 8;
  Findings findings;
  for (const Secret& secret : secrets) {
    if (is_known(secret.text)) {
      findings.push_back({critical, secret.where, "a password that everybody knows",
                          "choose another, of 24 characters or more"});
    } else if (secret.text.size() < kShortest) {
      findings.push_back({warning, secret.where, "a password of fewer than 8 characters",
                          "choose another, of 24 characters or more"});
    }
  }
  return findings;
}

Findings check_redis(std::span<const config::Target> targets, const config::Settings& settings) {
  Findings findings;
  if (!settings.text(Setting::redis_password).empty()) return findings;
  for (const config::Target& target : targets) {
    if (target.kind != "redis" || config::scheme_of(target.url) == "unix" ||
        !config::password_of(target.url).empty()) {
      continue;
    }
    findings.push_back({is_on_this_machine(target.url) ? warning : critical,
                        "target " + target.name, "Redis without a password",
                        "set requirepass of the server, and REDIS_PASSWORD"});
  }
  return findings;
}

}  // namespace prism::setup
