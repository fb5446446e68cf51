#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

#include <prism/config/url.hpp>
#include <prism/setup/preflight/file_modes.hpp>

namespace prism::setup {
namespace {

using config::Setting;
using config::Variable;
using enum health::State;

/// Of what no setting reads.
constexpr std::array kOthers{"POSTGRES_PASSWORD_FILE", "POSTGRES_AUTH_PASSWORD_FILE",
                             "POSTGRES_OPS_PASSWORD_FILE", "DATABASE_URL_FILE", "NATS_URL_FILE"};

/// All that may name a file with a value in it. Those of paths name none with a secret.
std::vector<std::string> file_variables() {
  std::vector<std::string> names(kOthers.begin(), kOthers.end());
  for (const auto& spec : config::setting_specs()) {
    if (spec.kind == config::SettingKind::path) continue;
    for (const auto& variables : {spec.environment, spec.other_environment}) {
      for (const Variable& variable : variables) {
        if (!variable.name.empty()) names.push_back(std::string(variable.name) + "_FILE");
      }
    }
  }
  return names;
}

void add(std::vector<GuardedFile>& files, GuardedFile file) {
  const bool there = std::any_of(files.begin(), files.end(),
                                 [&](const GuardedFile& other) { return other.file == file.file; });
  if (!file.file.empty() && !there) files.push_back(std::move(file));
}

void add_named_by(std::vector<GuardedFile>& files, const config::OpenSources& sources,
                  const std::string& variable) {
  const auto found = sources.find_variable(Variable{variable});
  if (found) add(files, {found->origin, found->folder / found->text});
}

bool holds_secrets(const config::ConfigFile& config) {
  const auto secret = [](const auto& entry) {
    const auto& spec = config::spec_of(entry.first);
    return spec.kind == config::SettingKind::secret || !config::password_of(entry.second).empty();
  };
  const auto has_password = [](const auto& entry) {
    return !config::password_of(entry.second.url).empty() ||
           !config::password_of(entry.second.scratch).empty();
  };
  return std::any_of(config.settings.begin(), config.settings.end(), secret) ||
         std::any_of(config.targets.begin(), config.targets.end(), has_password);
}

void check(const GuardedFile& guarded, Findings& findings) {
  struct stat state {};
  const std::string where = guarded.what + " " + guarded.file.string();
  if (::stat(guarded.file.c_str(), &state) != 0) {
    findings.push_back({critical, where, std::generic_category().message(errno)});
    return;
  }
  const bool by_group = (state.st_mode & S_IWGRP) != 0 && state.st_gid != 0;
  if (by_group || (state.st_mode & S_IWOTH) != 0) {
    findings.push_back({critical, where,
                        fmt::format("others may write to it (mode {:04o})", state.st_mode & 07777U),
                        "chmod go-w it"});
  }
  if (guarded.secret && (state.st_mode & S_IROTH) != 0) {
    findings.push_back({warning, where,
                        fmt::format("others may read it (mode {:04o})", state.st_mode & 07777U),
                        "chmod 600 it"});
  }
}

}  // namespace

std::vector<GuardedFile> find_guarded_files(const config::Sources& sources,
                                            const config::Settings& settings) {
  const config::OpenSources opened(sources);
  std::vector<GuardedFile> files;
  add(files, {"env file", sources.env_file});
  add(files, {"config file", opened.config_file(), holds_secrets(opened.config())});
  for (const Setting setting :
       {Setting::backup_identity_file, Setting::redis_key_file, Setting::nats_credentials_file}) {
    add(files, {std::string(config::spec_of(setting).key), settings.text(setting)});
  }
  for (const std::string& variable : file_variables()) add_named_by(files, opened, variable);
  return files;
}

Findings check_file_modes(std::span<const GuardedFile> files) {
  Findings findings;
  for (const GuardedFile& file : files) check(file, findings);
  return findings;
}

}  // namespace prism::setup
