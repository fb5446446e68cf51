#include <prism/config/url.hpp>

#include "command.hpp"
#include "console/table.hpp"

namespace prismctl {
namespace {

std::string shown(const prism::config::SettingSpec& spec, const std::string& text) {
  using prism::config::SettingKind;
  if (spec.kind == SettingKind::secret) return text.empty() ? text : "***";
  return spec.kind == SettingKind::url ? prism::config::without_password(text) : text;
}

int run(Session& session) {
  std::vector<std::vector<std::string>> rows{{"SETTING", "VALUE", "FROM"}};
  Json json = Json::array();
  for (const auto& spec : prism::config::setting_specs()) {
    const auto& value = session.settings().value(spec.setting);
    const std::string text = shown(spec, value.text);
    rows.push_back({std::string(spec.key), text.empty() ? "-" : text, value.origin});
    json.push_back({{"setting", spec.key}, {"value", text}, {"from", value.origin}});
  }
  if (session.output().json()) {
    session.output().document({{"command", "config"}, {"settings", json}});
  }
  for (const std::string& line : table_lines(rows)) session.output().line(line);
  return 0;
}

}  // namespace

Command config_command() {
  return {.name = "config",
          .summary = "Show every setting and where its value comes from",
          .examples = "prismctl config\nprismctl config --env-file .env --json",
          .add = [](CLI::App&) -> Run { return run; }};
}

}  // namespace prismctl
