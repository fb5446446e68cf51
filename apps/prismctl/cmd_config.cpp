#include <prism/config/url.hpp>

#include "command.hpp"
#include "config_init.hpp"
#include "console/table.hpp"
#include "options.hpp"

namespace prismctl {
namespace {

std::string shown(const prism::config::SettingSpec& spec, const std::string& text) {
  using prism::config::SettingKind;
  if (spec.kind == SettingKind::secret) return text.empty() ? text : "***";
  return spec.kind == SettingKind::url ? prism::config::without_password(text) : text;
}

using Rows = std::vector<std::vector<std::string>>;

Json list_settings(const Session& session, Rows& rows) {
  Json json = Json::array();
  rows.push_back({"SETTING", "VALUE", "FROM"});
  for (const auto& spec : prism::config::setting_specs()) {
    const auto& value = session.settings().value(spec.setting);
    const std::string text = shown(spec, value.text);
    rows.push_back({std::string(spec.key), text.empty() ? "-" : text, value.origin});
    json.push_back({{"setting", spec.key}, {"value", text}, {"from", value.origin}});
  }
  return json;
}

Json list_targets(const Session& session, Rows& rows) {
  Json json = Json::array();
  rows.push_back({"TARGET", "URL", "FROM"});
  for (const auto& target : session.targets()) {
    const std::string url = prism::config::without_password(target.url);
    rows.push_back({target.name, target.paths.empty() ? url : CLI::detail::join(target.paths, " "),
                    target.origin});
    json.push_back({{"name", target.name},
                    {"kind", target.kind},
                    {"url", url},
                    {"paths", target.paths},
                    {"schema", target.schema.empty() ? Json() : Json(target.schema)},
                    {"from", target.origin}});
  }
  return json;
}

int show(Session& session) {
  session.forgo_audit();
  Output& output = session.output();
  Rows settings, targets;
  const Json settings_json = list_settings(session, settings);
  const Json targets_json = list_targets(session, targets);
  if (output.json()) {
    output.document(
        {{"command", "config"}, {"settings", settings_json}, {"targets", targets_json}});
  }
  for (const std::string& line : table_lines(settings)) output.line(line);
  if (targets_json.empty()) return 0;
  output.line("");
  for (const std::string& line : table_lines(targets)) output.line(line);
  return 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<InitOptions>();
  auto init = std::make_shared<bool>(false);
  CLI::App* const init_app =
      app.add_subcommand("init", "Write a system's environment file, with generated passwords")
          ->fallthrough();
  add_choice(*init_app, "--system", "relica|prism|intercept|clarity|hbi",
             "Whose variables (default: relica)",
             [options](std::size_t chosen) { options->system = prism::setup::kSystems[chosen]; });
  init_app->add_option("-o,--output", options->output, "Where, if it isn't there (default: .env)")
      ->type_name("FILE");
  init_app
      ->add_option("--rsa-keys", options->rsa_keys,
                   "Make token-private.pem and token-public.pem in this folder as well")
      ->type_name("DIR");
  add_choice(*init_app, "--rsa-bits", "3072|4096", "How long that key is (default: 3072)",
             [options](std::size_t chosen) { options->rsa_bits = chosen == 0 ? 3072 : 4096; });
  init_app->callback([init] { *init = true; });
  return [options, init](Session& session) {
    return *init ? init_config(*options, session) : show(session);
  };
}

}  // namespace

Command config_command() {
  return {.name = "config",
          .summary = "Show every setting and target, and where it comes from",
          .examples =
              "prismctl config\nprismctl config --env-file .env --json\n"
              "prismctl config init --system prism --output .env --rsa-keys keys",
          .add = add,
          .audited = true};
}

}  // namespace prismctl
