#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/setup/reset.hpp>

#include "command.hpp"
#include "console/prompt.hpp"
#include "make_set.hpp"

namespace prismctl {
namespace {

using prism::Access;
using prism::Error;
using prism::ErrorCode;
using prism::with_separators;
using prism::config::Setting;

struct Options {
  bool yes = false;
  bool no_backup = false;
  bool dry_run = false;
};

/// What goes.
struct Plan {
  prism::store::StoreInfo store;
  std::string cache;  ///< where it lies; empty: there is none
  std::map<std::string, std::uint64_t> keys;

  std::uint64_t all_keys() const {
    std::uint64_t count = 0;
    for (const auto& [family, of_family] : keys) count += of_family;
    return count;
  }
};

Plan plan_of(prism::store::FactStore& store, prism::cache::CacheSink* sink) {
  Plan plan{store.info(), {}, {}};
  if (sink == nullptr) return plan;
  plan.cache = sink->location();
  for (const auto family : prism::cache::kFamilies) {
    plan.keys[std::string(prism::cache::family_name(family))] = sink->keys(family);
  }
  return plan;
}

std::vector<std::string> lines_of(const Plan& plan) {
  std::vector<std::string> lines{
      fmt::format("{} ({}): {} facts and {} entities, the ranges of UIDs, and what temporary and "
                  "blank UIDs became",
                  plan.store.location, plan.store.kind, with_separators(plan.store.facts),
                  with_separators(plan.store.entities))};
  if (!plan.cache.empty()) {
    lines.push_back(fmt::format("{} (cache): {} keys, no others than those of the cache",
                                plan.cache, with_separators(plan.all_keys())));
  }
  return lines;
}

Json to_json(const Plan& plan, bool dry_run) {
  Json json{{"command", "reset"},
            {"dry_run", dry_run},
            {"store", plan.store.location},
            {"facts", plan.store.facts},
            {"entities", plan.store.entities}};
  json["cache"] = Json();
  if (!plan.cache.empty()) json["cache"] = {{"location", plan.cache}, {"keys", plan.keys}};
  return json;
}

// ---- asking -------------------------------------------------------------------------------------

/// What is to be typed: the name that is set, else that of the file or database.
std::string name_of(const Plan& plan, const Session& session) {
  const std::string& name = session.settings().text(Setting::system_name);
  if (!name.empty()) return name;
  const std::string& url = session.settings().text(Setting::store);
  if (prism::config::scheme_of(url) == "sqlite") {
    return prism::config::sqlite_path(url).filename().string();
  }
  const auto host = plan.store.location.find("://");
  const auto slash = plan.store.location.find('/', host + 3);
  return slash == std::string::npos
             ? "neo4j"
             : prism::config::percent_decoded(plan.store.location.substr(slash + 1));
}

void confirm(const Plan& plan, Session& session) {
  if (!can_ask()) {
    throw Error(
        ErrorCode::refused,
        "a reset of " + plan.store.location + " must be confirmed, and there is no terminal",
        "--dry-run shows what would go; --yes goes on without asking");
  }
  const std::string name = name_of(plan, session);
  std::string question = "This takes out, for good:\n";
  for (const std::string& line : lines_of(plan)) question += "  " + line + "\n";
  question += "Type " + name + " to go on: ";
  if (prism::trimmed(ask(question, session.cancel())) == name) return;
  throw Error(ErrorCode::refused, "that is not " + name, "nothing was changed");
}

// ---- the backup before --------------------------------------------------------------------------

std::vector<prism::config::Target> store_target(const Session& session) {
  auto targets = session.backup_targets();
  const std::string& store = session.settings().text(Setting::store);
  std::erase_if(targets, [&](const auto& target) {
    return !prism::config::is_same_place(target.url, store);
  });
  targets.resize(std::min<std::size_t>(targets.size(), 1));
  return targets;
}

/// The cache is made from the facts: they are what is kept. Returns the backup's id.
std::string back_up(Session& session) {
  const auto manifest = make_set(store_target(session), {}, session);
  if (manifest.is_complete()) return manifest.id;
  std::string why;
  for (const auto& target : manifest.targets) why += target.error;
  throw Error(ErrorCode::refused, "the backup before the reset failed: " + why,
              "nothing was taken out; --no-backup goes on without one");
}

// ---- the reset ----------------------------------------------------------------------------------

void tell(const Plan& plan, const std::string& backup, double seconds, Output& output) {
  if (output.json()) {
    Json json = to_json(plan, false);
    json["backup"] = backup.empty() ? Json() : Json(backup);
    json["seconds"] = seconds;
    return output.document(json);
  }
  if (!backup.empty()) output.line(fmt::format("backup {}: complete", backup));
  output.line(fmt::format("reset in {}: {} facts, {} entities and {} cache keys taken out",
                          prism::format_seconds(seconds), with_separators(plan.store.facts),
                          with_separators(plan.store.entities), with_separators(plan.all_keys())));
}

int empty(const Options& options, Session& session) {
  const auto store = session.open_store(Access::write);
  const auto sink = session.open_cache(Access::create);
  Plan plan = plan_of(*store, sink.get());
  if (!options.yes) confirm(plan, session);
  const auto begin = std::chrono::steady_clock::now();
  std::string backup;
  prism::setup::ResetOptions reset_options{.lock_wait = session.lock_wait()};
  if (!options.no_backup) reset_options.before = [&] { backup = back_up(session); };
  auto context = session.context();
  const auto result = prism::setup::reset(reset_options, *store, sink.get(), context);
  plan.store.facts = result.facts;
  plan.store.entities = result.entities;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  tell(plan, backup, seconds, session.output());
  return 0;
}

/// Null where it isn't there yet.
std::unique_ptr<prism::cache::CacheSink> find_cache(Session& session) {
  try {
    return session.open_cache(Access::read);
  } catch (const Error& e) {
    if (e.code() != ErrorCode::input_missing) throw;
    return nullptr;
  }
}

int rehearse(Session& session) {
  session.forgo_audit();
  const auto store = session.open_store(Access::read);
  const auto sink = find_cache(session);
  const Plan plan = plan_of(*store, sink.get());
  if (session.output().json()) session.output().document(to_json(plan, true));
  session.output().line("dry run, nothing was changed; a reset would take out");
  for (const std::string& line : lines_of(plan)) session.output().line("  " + line);
  return 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* dry_run =
      app.add_flag("--dry-run", options->dry_run, "Say what would go, and change nothing");
  app.add_flag("--yes", options->yes, "Don't ask for the system's name first")->excludes(dry_run);
  app.add_flag("--no-backup", options->no_backup, "Make no backup of the facts first");
  return [options](Session& session) {
    return options->dry_run ? rehearse(session) : empty(*options, session);
  };
}

}  // namespace

Command reset_command() {
  return {.name = "reset",
          .summary = "Empty the store and its cache, after a backup",
          .examples =
              "prismctl reset --dry-run\n"
              "prismctl reset --env-file .env --repository /backups\n"
              "prismctl reset --yes --no-backup --store facts.db",
          .add = add,
          .audited = true};
}

}  // namespace prismctl
