#include "backup_results.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>

#include "physical.hpp"
#include "version.hpp"

namespace prismctl {
namespace {

/// As far as the settings say.
prism::drivers::ComponentOptions component_options(const Session& session) {
  return {.scratch_folder = session.settings().text(prism::config::Setting::scratch_dir),
          .servers = session.settings().servers(),
          .lock_wait = session.lock_wait(),
          .encrypted = !recipients(session).empty(),
          .repository = session.settings().text(prism::config::Setting::repository)};
}

}  // namespace

using prism::backup::Content;
using prism::backup::Manifest;
using prism::config::Setting;
using prism::config::Target;

std::string tool_name() { return std::string("prismctl ") + kVersion; }

std::string summary_of(const Content& content) {
  std::string text;
  for (const auto& [name, count] : content.counts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, prism::with_separators(count));
  }
  return text.empty() ? "empty" : text;
}

Json to_json(const Content& content) {
  return {{"version", content.version},
          {"counts", content.counts},
          {"remarks", content.remarks},
          {"left_out", content.left_out}};
}

Json to_json(const Manifest& manifest) { return Json::parse(to_json_text(manifest)); }

std::vector<Target> named_targets(const Session& session, const std::vector<std::string>& names) {
  auto all = session.backup_targets();
  for (const std::string& name : names) target_named(all, name);
  std::erase_if(all, [&](const Target& target) {
    return std::find(names.begin(), names.end(), target.name) == names.end();
  });
  return all;
}

std::vector<Target> chosen_targets(const Session& session, const std::vector<std::string>& names) {
  if (!names.empty()) return named_targets(session, names);
  auto all = session.backup_targets();
  const auto& store = session.settings().value(Setting::store);
  std::erase_if(all, [&](const Target& target) {
    return store.origin == "default" && target.origin == store.origin &&
           !std::filesystem::exists(prism::config::sqlite_path(target.url));
  });
  if (!all.empty()) return all;
  throw prism::Error(prism::ErrorCode::usage,
                     "there is nothing to back up: no target is configured",
                     "name the system's own environment file with --env-file, or [targets.NAME] in "
                     "the config file");
}

std::vector<prism::backup::NamedComponent> open_components(
    const std::vector<Target>& targets, Session& session,
    prism::drivers::ComponentOptions options) {
  const auto set = component_options(session);
  options.scratch_folder = set.scratch_folder;
  options.servers = set.servers;
  options.lock_wait = set.lock_wait;
  options.encrypted = set.encrypted;
  options.repository = set.repository;
  std::vector<prism::backup::NamedComponent> components;
  for (const Target& target : targets) {
    auto cancel = std::make_unique<prism::Cancel>(&session.cancel());
    auto component = prism::drivers::open_component(target, options, session.log(), *cancel);
    components.push_back({target.name,
                          target.kind,
                          std::move(cancel),
                          std::move(component),
                          target.time_limit,
                          {target.before, target.after}});
    session.touch("target " + target.name);
  }
  return components;
}

prism::backup::Hooks hooks(const Session& session) {
  return {session.settings().text(Setting::backup_before),
          session.settings().text(Setting::backup_after)};
}

std::vector<std::string> recipients(const Session& session) {
  std::vector<std::string> recipients;
  for (const std::string& one :
       CLI::detail::split(session.settings().text(Setting::backup_recipients), ',')) {
    const std::string recipient(prism::trimmed(one));
    if (!recipient.empty()) recipients.push_back(recipient);
  }
  return recipients;
}

prism::backup::ReadOptions read_options(const Session& session) {
  return {session.settings().text(Setting::backup_identity_file)};
}

prism::backup::ComponentOfKind component_of_kind(Session& session,
                                                 prism::repository::Repository& repository) {
  return [&](const std::string& kind) -> std::unique_ptr<prism::backup::Component> {
    auto options = component_options(session);
    options.physical = physical_options(session, repository);
    try {
      return prism::drivers::open_component({kind, kind, "", "", ""}, options, session.log(),
                                            session.cancel());
    } catch (const prism::Error& e) {
      if (e.code() != prism::ErrorCode::configuration) throw;
      return nullptr;
    }
  };
}

prism::backup::ScratchOfTarget scratch_of_target(Session& session,
                                                 prism::repository::Repository& repository) {
  return [&](const prism::backup::TargetRecord& record, const prism::Cancel& cancel) {
    const auto all = session.backup_targets();
    const auto configured = std::find_if(all.begin(), all.end(), [&](const Target& target) {
      return target.name == record.name && target.kind == record.kind;
    });
    const Target target =
        configured == all.end() ? Target{record.name, record.kind, "", "", ""} : *configured;
    auto options = component_options(session);
    options.physical = physical_options(session, repository);
    return prism::drivers::open_scratch(target, all, options, session.log(), cancel);
  };
}

}  // namespace prismctl
