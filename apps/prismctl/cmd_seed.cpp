#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/config/url.hpp>
#include <prism/setup/account.hpp>
#include <prism/setup/inputs.hpp>
#include <prism/setup/seed.hpp>

#include "abort_load.hpp"
#include "command.hpp"
#include "options.hpp"
#include "password.hpp"
#include "results.hpp"
#include "users.hpp"

namespace prismctl {
namespace {

using prism::config::Setting;
using prism::setup::SeedOptions;
using prism::setup::SeedResult;

struct Options {
  SeedOptions seed;
  prism::setup::User admin{"", "", true, true, "", ""};
  std::string password_file;
  std::optional<prism::LoadVia> via;
  bool abort = false;
};

/// Without workbooks there is still an admin to be made.
void take_settings(SeedOptions& options, bool with_admin, const Session& session) {
  const auto& settings = session.settings();
  options.csv_folder = settings.text(Setting::csv_folder);
  options.lock_wait = session.lock_wait();
  options.limits = settings.uid_limits();
  if (!options.paths.empty()) return;
  const std::string& workbooks = settings.text(Setting::workbooks);
  if (workbooks.empty() && with_admin) return;
  if (workbooks.empty()) {
    throw prism::Error(prism::ErrorCode::usage, "no workbook or folder named",
                       "prismctl seed PATH, or set PRISM_SEED_XLS_DIR");
  }
  options.paths.push_back(workbooks);
}

/// The table of users, and the password while somebody waits for the question.
std::unique_ptr<prism::setup::UserTable> prepare_admin(const Options& asked, SeedOptions& options,
                                                       Session& session) {
  auto users = open_users(users_target(session, ""), prism::Access::create, session);
  const std::string& name = asked.admin.username;
  session.touch("user " + name);
  options.admin = {users.get(), asked.admin, ""};
  if (users->find(name)) return users;
  const std::string password = take_password(asked.password_file, name, session);
  options.admin->password_hash = prism::setup::hash_password(password);
  return users;
}

Json to_json(const SeedResult& result, const std::string& admin, double seconds) {
  Json json{{"command", "seed"}, {"seconds", seconds}, {"nothing_done", result.nothing_done}};
  json["facts_before"] = result.facts_before;
  json["admin"] = Json();
  if (!admin.empty()) json["admin"] = {{"username", admin}, {"made", result.admin_made}};
  json["continued"] = result.continued.empty() ? Json() : Json(result.continued);
  json["converted"] = prismctl::to_json(result.converted);
  json["imported"] = prismctl::to_json(result.imported);
  json["cache"] = result.cache ? prismctl::to_json(*result.cache) : Json();
  return json;
}

void tell(const SeedResult& result, bool with_workbooks, double seconds, Output& output) {
  if (result.nothing_done && !with_workbooks) {
    return output.line("nothing loaded: no workbook or folder named");
  }
  if (result.nothing_done) {
    return output.line((result.admin_made ? "nothing loaded: the store holds "
                                          : "nothing done: the store holds ") +
                       prism::with_separators(result.facts_before) + " facts already");
  }
  auto imported = result.imported;
  imported.rejected = result.converted.rejected;
  output.line("seeded in " + prism::format_seconds(seconds) + ": " + summary_of(imported));
  output.line(result.cache ? "cache: " + summary_of(result.cache->meta) : "cache: none configured");
  const auto rejects = rejects_of(result.converted.rejected, result.converted.rejects_file);
  if (!rejects.empty()) output.line(rejects);
}

void touch_workbooks(const SeedOptions& options, Session& session) {
  if (options.paths.empty()) return;
  for (const auto& workbook : prism::setup::find_workbooks(options.paths)) {
    session.touch("input " + workbook.string());
  }
}

/// Nobody who has no workbooks and names no store wants one in the working folder.
bool wants_store(const SeedOptions& options, const Session& session) {
  const auto& store = session.settings().value(Setting::store);
  return !options.paths.empty() || store.origin != "default" ||
         prism::config::is_same_place(users_target(session, "").url, store.text);
}

SeedResult seed_all(const Options& asked, SeedOptions& options, Session& session) {
  const auto store = session.open_store(prism::Access::create, asked.via);
  const auto sink = session.open_cache(prism::Access::create);
  std::unique_ptr<prism::setup::UserTable> users;
  if (!asked.admin.username.empty()) users = prepare_admin(asked, options, session);
  auto context = session.context();
  return prism::setup::seed(options, *store, sink.get(), context);
}

SeedResult make_admin(const Options& asked, SeedOptions& options, Session& session) {
  const auto users = prepare_admin(asked, options, session);
  SeedResult result;
  result.nothing_done = true;
  result.admin_made = prism::setup::ensure_admin(*options.admin, session.log());
  return result;
}

int run(const Options& asked, Session& session) {
  SeedOptions options = asked.seed;
  const std::string& admin = asked.admin.username;
  if (!admin.empty()) {
    prism::setup::require_username(admin);
    prism::setup::require_email(asked.admin.email);
  }
  take_settings(options, !admin.empty(), session);
  // Missing inputs are told before a store is made for them.
  touch_workbooks(options, session);
  const auto begin = std::chrono::steady_clock::now();
  const SeedResult result = wants_store(options, session) ? seed_all(asked, options, session)
                                                          : make_admin(asked, options, session);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (session.output().json()) {
    session.output().document(to_json(result, admin, seconds));
  } else {
    if (result.admin_made) session.output().line("admin " + admin + ": added");
    tell(result, !options.paths.empty(), seconds, session.output());
  }
  return result.converted.rejected > 0 ? 1 : 0;
}

void add_admin(CLI::App& app, Options& options) {
  auto* admin = app.add_option("--admin-user", options.admin.username,
                               "Make this admin in the system's database of users, unless it is "
                               "there; without workbooks, nothing else")
                    ->type_name("NAME");
  app.add_option("--admin-email", options.admin.email, "The admin's email")
      ->type_name("EMAIL")
      ->needs(admin);
  add_password_file(app, options.password_file)->needs(admin);
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  SeedOptions& seed = options->seed;
  auto* paths = app.add_option("PATH", seed.paths,
                               "Workbooks or folders of workbooks (default: PRISM_SEED_XLS_DIR)");
  app.add_flag("--append", seed.append, "Add to a store that holds facts already");
  app.add_flag("--if-empty", seed.if_empty,
               "Do nothing, with exit code 0, when the store holds facts already");
  add_admin(app, *options);
  add_on_conflict(app, seed.on_conflict);
  add_strict(app, seed.strict);
  add_via(app, options->via);
  add_abort(app, options->abort, paths);
  return [options](Session& session) {
    return options->abort ? abort_load("seed", session) : run(*options, session);
  };
}

}  // namespace

Command seed_command() {
  return {.name = "seed",
          .summary = "Load workbooks into a store and build the cache",
          .examples =
              "prismctl seed book.xls --store facts.db\n"
              "prismctl seed workbooks/ --if-empty --env-file .env\n"
              "prismctl seed --if-empty --admin-user admin --wait 60 --env-file .env",
          .add = add,
          .audited = true,
          .pinged = "seed"};
}

}  // namespace prismctl
