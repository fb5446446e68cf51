#include <prism/base/error.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/inputs.hpp>
#include <prism/setup/seed.hpp>

#include "abort_load.hpp"
#include "command.hpp"
#include "options.hpp"
#include "results.hpp"

namespace prismctl {
namespace {

using prism::config::Setting;
using prism::setup::SeedOptions;
using prism::setup::SeedResult;

void take_settings(SeedOptions& options, const Session& session) {
  const auto& settings = session.settings();
  options.csv_folder = settings.text(Setting::csv_folder);
  options.lock_wait = session.lock_wait();
  options.limits = settings.uid_limits();
  if (!options.paths.empty()) return;
  const std::string& workbooks = settings.text(Setting::workbooks);
  if (workbooks.empty()) {
    throw prism::Error(prism::ErrorCode::usage, "no workbook or folder named",
                       "prismctl seed PATH, or set PRISM_SEED_XLS_DIR");
  }
  options.paths.push_back(workbooks);
}

Json to_json(const SeedResult& result, double seconds) {
  Json json{{"command", "seed"}, {"seconds", seconds}, {"nothing_done", result.nothing_done}};
  json["facts_before"] = result.facts_before;
  json["continued"] = result.continued.empty() ? Json() : Json(result.continued);
  json["converted"] = prismctl::to_json(result.converted);
  json["imported"] = prismctl::to_json(result.imported);
  json["cache"] = result.cache ? prismctl::to_json(*result.cache) : Json();
  return json;
}

void tell(const SeedResult& result, double seconds, Output& output) {
  if (result.nothing_done) {
    return output.line("nothing done: the store holds " +
                       prism::with_separators(result.facts_before) + " facts already");
  }
  auto imported = result.imported;
  imported.rejected = result.converted.rejected;
  output.line("seeded in " + prism::format_seconds(seconds) + ": " + summary_of(imported));
  output.line(result.cache ? "cache: " + summary_of(result.cache->meta) : "cache: none configured");
  const auto rejects = rejects_of(result.converted.rejected, result.converted.rejects_file);
  if (!rejects.empty()) output.line(rejects);
}

struct Options {
  SeedOptions seed;
  std::optional<prism::LoadVia> via;
  bool abort = false;
};

int run(const Options& asked, Session& session) {
  SeedOptions options = asked.seed;
  take_settings(options, session);
  // Missing inputs are told before a store is made for them.
  for (const auto& workbook : prism::setup::find_workbooks(options.paths)) {
    session.touch("input " + workbook.string());
  }
  const auto store = session.open_store(prism::Access::create, asked.via);
  const auto sink = session.open_cache(prism::Access::create);
  const auto begin = std::chrono::steady_clock::now();
  auto context = session.context();
  const SeedResult result = prism::setup::seed(options, *store, sink.get(), context);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (session.output().json()) {
    session.output().document(to_json(result, seconds));
  } else {
    tell(result, seconds, session.output());
  }
  return result.converted.rejected > 0 ? 1 : 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  SeedOptions& seed = options->seed;
  auto* paths = app.add_option("PATH", seed.paths,
                               "Workbooks or folders of workbooks (default: PRISM_SEED_XLS_DIR)");
  app.add_flag("--append", seed.append, "Add to a store that holds facts already");
  app.add_flag("--if-empty", seed.if_empty,
               "Do nothing, with exit code 0, when the store holds facts already");
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
              "prismctl seed workbooks/ --if-empty --env-file .env",
          .add = add,
          .audited = true,
          .pinged = "seed"};
}

}  // namespace prismctl
