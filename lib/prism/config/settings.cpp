#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/settings.hpp>
#include <prism/config/url.hpp>

namespace prism::config {
namespace {

std::optional<Found> find(const OpenSources& sources, const SettingSpec& spec) {
  if (auto flag = sources.find_flag(spec)) return flag;
  if (auto found = sources.find_variable(spec.environment)) return found;
  if (auto found = sources.find_in_config(spec.setting)) return found;
  auto found = sources.find_variable(spec.other_environment);
  if (found) found->foreign = true;
  return found;
}

[[noreturn]] void fail(const SettingSpec& spec, const Found& found, const std::string& expected) {
  const bool flag = found.origin.starts_with("flag ");
  throw Error(flag ? ErrorCode::usage : ErrorCode::configuration,
              fmt::format("{} ({}): found {}, expected {}", spec.key, found.origin,
                          in_quotes(found.text), expected));
}

std::string checked_integer(const SettingSpec& spec, const Found& found) {
  const std::string_view text = trimmed(found.text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < spec.least || value > spec.greatest) {
    fail(spec, found, fmt::format("a whole number from {} to {}", spec.least, spec.greatest));
  }
  return std::to_string(value);
}

/// Other programs' words for our log levels.
std::string with_our_word(const std::string& choice) {
  if (choice == "warn") return "warning";
  if (choice == "trace") return "debug";
  if (choice == "fatal" || choice == "critical") return "error";
  return choice;
}

bool is_choice(const SettingSpec& spec, const std::string& choice) {
  const std::string all = "|" + std::string(spec.choices) + "|";
  const bool one_word = !choice.empty() && choice.find('|') == std::string::npos;
  return one_word && all.find("|" + choice + "|") != std::string::npos;
}

std::string checked_choice(const SettingSpec& spec, const Found& found) {
  std::string choice = with_our_word(lower_case(trimmed(found.text)));
  if (!is_choice(spec, choice)) fail(spec, found, "one of " + std::string(spec.choices));
  return choice;
}

/// A word that another program of the system knows and we don't, such as `notice` for a log level,
/// is no error of the operator's.
bool is_foreign_word(const SettingSpec& spec, const Found& found) {
  return found.foreign && spec.kind == SettingKind::choice &&
         !is_choice(spec, with_our_word(lower_case(trimmed(found.text))));
}

std::string checked(const SettingSpec& spec, const Found& found) {
  switch (spec.kind) {
    case SettingKind::integer:
      return checked_integer(spec, found);
    case SettingKind::choice:
      return checked_choice(spec, found);
    case SettingKind::url:
      if (found.text == "none") return found.text;
      return found.folder.empty() ? found.text : resolve_against(found.text, found.folder);
    case SettingKind::path:
      return found.folder.empty() ? found.text
                                  : (found.folder / found.text).lexically_normal().string();
    case SettingKind::text:
    case SettingKind::secret:
      break;
  }
  return found.text;
}

/// The XDG base directory specification's place for what a program keeps.
std::string state_home(const Environment& environment) {
  if (const auto state = environment("XDG_STATE_HOME"); state && !state->empty()) return *state;
  const auto home = environment("HOME");
  return home && !home->empty() ? *home + "/.local/state" : "";
}

std::string default_of(const SettingSpec& spec, const Environment& environment) {
  constexpr std::string_view kState = "$XDG_STATE_HOME";
  if (!spec.default_value.starts_with(kState)) return std::string(spec.default_value);
  const std::string home = state_home(environment);
  return home.empty() ? "" : home + std::string(spec.default_value.substr(kState.size()));
}

S3Addressing s3_addressing_of(const std::string& choice) {
  if (choice == "path") return S3Addressing::path;
  return choice == "virtual" ? S3Addressing::virtual_host : S3Addressing::automatic;
}

}  // namespace

Settings Settings::resolve(const Sources& sources) {
  const OpenSources opened(sources);
  Settings settings;
  for (const SettingSpec& spec : setting_specs()) {
    const auto found = find(opened, spec);
    SettingValue& value = settings.at(spec.setting);
    if (found && !is_foreign_word(spec, *found)) {
      value = {checked(spec, *found), found->origin};
    } else {
      value.text = default_of(spec, sources.environment);
      if (found) value.origin = "default: " + in_quotes(found->text) + " of " + found->origin;
    }
  }
  settings.complete_s3_endpoint();
  settings.check_uid_limits();
  return settings;
}

std::int64_t Settings::integer(Setting setting) const { return std::stoll(text(setting)); }

uid::Limits Settings::uid_limits() const {
  return {integer(Setting::temporary_end), integer(Setting::entity_begin),
          integer(Setting::fact_begin)};
}

ServerSettings Settings::servers() const {
  const auto milliseconds = [this](Setting setting) {
    return std::chrono::milliseconds(integer(setting));
  };
  const auto count = [this](Setting setting) { return static_cast<std::size_t>(integer(setting)); };
  ServerSettings servers;
  servers.wait = std::chrono::seconds(integer(Setting::wait));
  servers.postgres = {text(Setting::postgres_schema),
                      count(Setting::postgres_max_connections),
                      milliseconds(Setting::postgres_connection_timeout),
                      milliseconds(Setting::postgres_idle_timeout),
                      milliseconds(Setting::postgres_statement_timeout),
                      text(Setting::postgres_bin_dir)};
  servers.redis = {text(Setting::redis_password),   milliseconds(Setting::redis_timeout),
                   count(Setting::redis_pool_size), count(Setting::redis_batch_size),
                   text(Setting::redis_ca_file),    text(Setting::redis_certificate_file),
                   text(Setting::redis_key_file)};
  servers.neo4j = {text(Setting::neo4j_user),
                   text(Setting::neo4j_password),
                   text(Setting::neo4j_token),
                   milliseconds(Setting::neo4j_timeout),
                   count(Setting::neo4j_max_connections),
                   count(Setting::neo4j_batch_size),
                   text(Setting::neo4j_import_dir),
                   text(Setting::neo4j_ca_file)};
  servers.s3 = {text(Setting::s3_endpoint),
                text(Setting::s3_region),
                s3_addressing_of(text(Setting::s3_addressing)),
                text(Setting::s3_access_key),
                text(Setting::s3_secret_key),
                text(Setting::s3_session_token),
                milliseconds(Setting::s3_timeout),
                std::chrono::seconds(integer(Setting::s3_retry_time)),
                text(Setting::s3_ca_file)};
  servers.consul = {text(Setting::consul_token), milliseconds(Setting::consul_timeout),
                    text(Setting::consul_ca_file)};
  servers.nats = {text(Setting::nats_user),
                  text(Setting::nats_password),
                  text(Setting::nats_token),
                  text(Setting::nats_credentials_file),
                  milliseconds(Setting::nats_timeout),
                  text(Setting::nats_ca_file)};
  servers.http_ca_file = text(Setting::http_ca_file);
  return servers;
}

/// Systems that name MinIO's keys alone have it on this machine: they are not for Amazon.
void Settings::complete_s3_endpoint() {
  SettingValue& endpoint = at(Setting::s3_endpoint);
  const std::string& keys = value(Setting::s3_access_key).origin;
  if (!endpoint.text.empty() || keys.find("MINIO_ROOT_USER") == std::string::npos) return;
  endpoint = {"http://localhost:9000", "default for MINIO_ROOT_USER"};
}

void Settings::check_uid_limits() const {
  const uid::Limits limits = uid_limits();
  if (limits.temporary_end <= limits.entity_begin && limits.entity_begin < limits.fact_begin)
    return;
  throw Error(ErrorCode::configuration,
              fmt::format("UID ranges overlap: temporary UIDs end at {}, entities begin at {}, "
                          "facts at {}",
                          limits.temporary_end, limits.entity_begin, limits.fact_begin),
              "expected PRISM_MAX_TEMP_UID <= PRISM_MIN_FREE_UID < PRISM_MIN_FREE_FACT_UID");
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

}  // namespace prism::config
