#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/config/sources.hpp>

namespace prism::config {
namespace {

namespace fs = std::filesystem;

Environment of_map(std::map<std::string, std::string> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

Environment nothing() {
  return [](std::string_view) { return std::nullopt; };
}

fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : ".";
}

VariableSource open_env_file(const Sources& sources) {
  if (sources.env_file.empty()) return {nothing(), "", {}};
  return {of_map(read_env_file(sources.env_file, sources.environment)),
          "env file " + sources.env_file.string() + ": ", folder_of(sources.env_file)};
}

fs::path config_file_of(const Sources& sources) {
  if (!sources.config_file.empty()) return sources.config_file;
  for (const fs::path& file : sources.default_config_files) {
    if (fs::exists(file)) return file;
  }
  return {};
}

}  // namespace

// ---- VariableSource -----------------------------------------------------------------------------

VariableSource::VariableSource(Environment environment, std::string origin, fs::path folder)
    : environment_(std::move(environment)),
      origin_(std::move(origin)),
      folder_(std::move(folder)) {}

std::optional<Found> VariableSource::find(const std::array<Variable, 2>& variables) const {
  for (const Variable& variable : variables) {
    if (variable.name.empty()) continue;
    if (auto found = find(variable)) return found;
  }
  return std::nullopt;
}

std::optional<Found> VariableSource::find(const Variable& variable) const {
  const std::string name(variable.name);
  if (const auto value = environment_(name); value && !value->empty()) {
    return Found{std::string(variable.prefix) + *value, origin_ + name, folder_};
  }
  const auto file = environment_(name + "_FILE");
  if (!file || file->empty()) return std::nullopt;
  constexpr std::size_t kLimit = 64 * 1024;
  const std::string text = read_file(folder_ / *file, kLimit);
  return Found{std::string(variable.prefix) + std::string(trimmed(text)), origin_ + name + "_FILE",
               folder_};
}

// ---- OpenSources --------------------------------------------------------------------------------

OpenSources::OpenSources(const Sources& sources)
    : sources_(sources),
      environment_(sources.environment, "environment ", {}),
      env_file_(open_env_file(sources)),
      config_file_(config_file_of(sources)) {
  if (!config_file_.empty()) config_ = read_config_file(config_file_);
}

std::optional<Found> OpenSources::find_flag(const SettingSpec& spec) const {
  const auto flag = sources_.flags.find(spec.setting);
  if (flag == sources_.flags.end()) return std::nullopt;
  return Found{flag->second, "flag --" + std::string(spec.flag), {}};
}

std::optional<Found> OpenSources::find_variable(const Variable& variable) const {
  auto found = environment_.find(variable);
  return found ? found : env_file_.find(variable);
}

std::optional<Found> OpenSources::find_variable(const std::array<Variable, 2>& variables) const {
  auto found = environment_.find(variables);
  return found ? found : env_file_.find(variables);
}

std::optional<Found> OpenSources::find_in_config(Setting setting) const {
  const auto value = config_.settings.find(setting);
  if (value == config_.settings.end()) return std::nullopt;
  return Found{value->second, config_origin(), folder_of(config_file_)};
}

}  // namespace prism::config
