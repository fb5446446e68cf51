#include "backup_results.hpp"

#include <array>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>

#include "version.hpp"

namespace prismctl {

using prism::backup::Content;
using prism::backup::Manifest;
using prism::config::Target;

std::string tool_name() { return std::string("prismctl ") + kVersion; }

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; size >= 999.95 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

std::string summary_of(const Content& content) {
  std::string text;
  for (const auto& [name, count] : content.counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, prism::with_separators(count));
  }
  return text.empty() ? "empty" : text;
}

Json to_json(const Content& content) {
  return {{"version", content.version}, {"counts", content.counts}, {"remarks", content.remarks}};
}

Json to_json(const Manifest& manifest) { return Json::parse(to_json_text(manifest)); }

std::vector<Target> chosen_targets(const Session& session, const std::vector<std::string>& names) {
  auto all = session.backup_targets();
  std::vector<Target> chosen;
  for (const std::string& name : names) chosen.push_back(target_named(all, name));
  if (!names.empty()) return chosen;
  std::erase_if(all, [](const Target& target) {
    return target.name == "facts" &&
           !std::filesystem::exists(prism::config::sqlite_path(target.url));
  });
  if (!all.empty()) return all;
  throw prism::Error(prism::ErrorCode::usage,
                     "there is nothing to back up: no target is configured",
                     "name the system's own environment file with --env-file, or [targets.NAME] in "
                     "the config file");
}

std::vector<prism::backup::NamedComponent> open_components(const std::vector<Target>& targets,
                                                           Session& session) {
  std::vector<prism::backup::NamedComponent> components;
  for (const Target& target : targets) {
    components.push_back(
        {target.name, target.kind, prism::drivers::open_component(target, {}, session.cancel())});
    session.touched().push_back("target " + target.name);
  }
  return components;
}

std::vector<std::string> recipients(const Session& session) {
  std::vector<std::string> recipients;
  for (const std::string& one : CLI::detail::split(
           session.settings().text(prism::config::Setting::backup_recipients), ',')) {
    const std::string recipient(prism::trimmed(one));
    if (!recipient.empty()) recipients.push_back(recipient);
  }
  return recipients;
}

prism::backup::ReadOptions read_options(const Session& session) {
  return {session.settings().text(prism::config::Setting::backup_identity_file)};
}

prism::backup::ComponentOfKind component_of_kind(const Session& session) {
  return [&session](const std::string& kind) -> std::unique_ptr<prism::backup::Component> {
    try {
      return prism::drivers::open_component({kind, kind, "", "", ""}, {}, session.cancel());
    } catch (const prism::Error& e) {
      if (e.code() != prism::ErrorCode::configuration) throw;
      return nullptr;
    }
  };
}

}  // namespace prismctl
