#include <optional>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/setup/importer.hpp>
#include <prism/setup/run_record.hpp>

#include "abort_load.hpp"
#include "command.hpp"
#include "options.hpp"
#include "results.hpp"

namespace prismctl {
namespace {

namespace fs = std::filesystem;
using prism::setup::ImportOptions;
using prism::setup::ImportResult;

struct Options {
  std::vector<fs::path> paths;
  ImportOptions import;
  std::optional<prism::LoadVia> via;
  bool abort = false;
};

ImportResult recorded_import(const ImportOptions& options, prism::store::FactStore& store,
                             prism::Context& context) {
  prism::setup::RunRecord record("import");
  record.attach(store.history(), "");
  try {
    record.stage("importing");
    ImportResult result = prism::setup::import_csv(options, store, context);
    record.complete("");
    return result;
  } catch (const std::exception& e) {
    record.fail(e.what());
    throw;
  }
}

ImportResult load(const ImportOptions& options, std::optional<prism::LoadVia> via,
                  Session& session) {
  const auto store = session.open_store(prism::Access::create, via);
  const auto lock = store->lock("import", session.lock_wait());
  store->migrate();
  auto context = session.context();
  return recorded_import(options, *store, context);
}

/// Goes the whole way but for the commit; where there is no store yet, in one that goes again.
ImportResult rehearse(const ImportOptions& options, Session& session) {
  auto context = session.context();
  try {
    const auto store = session.open_store(prism::Access::write);
    const auto lock = store->lock("import --dry-run", session.lock_wait());
    return prism::setup::import_csv(options, *store, context);
  } catch (const prism::Error& e) {
    if (e.code() != prism::ErrorCode::input_missing) throw;
  }
  const prism::TemporaryFolder temporary(fs::temp_directory_path(), "prismctl-import-");
  const auto store = prism::drivers::open_store(
      {.url = (temporary.path() / "empty.db").string(), .access = prism::Access::create},
      session.log(), session.cancel());
  store->migrate();
  return prism::setup::import_csv(options, *store, context);
}

int run(const Options& asked, Session& session) {
  if (asked.abort) return abort_load("import", session);
  if (asked.paths.empty()) {
    throw prism::Error(prism::ErrorCode::usage, "CSV is required", "see prismctl import --help");
  }
  ImportOptions options = asked.import;
  options.files = prism::setup::find_csv_files(asked.paths);
  for (const auto& input : options.files) {
    session.touch("input " + input.file.string());
  }
  options.limits = session.settings().uid_limits();
  const auto begin = std::chrono::steady_clock::now();
  const ImportResult result =
      options.dry_run ? rehearse(options, session) : load(options, asked.via, session);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (session.output().json()) {
    Json json{{"command", "import"}, {"dry_run", options.dry_run}, {"seconds", seconds}};
    json.update(to_json(result));
    session.output().document(json);
  } else {
    const std::string what = options.dry_run
                                 ? "dry run, nothing was stored: "
                                 : "imported in " + prism::format_seconds(seconds) + ": ";
    session.output().line(what + summary_of(result));
    const auto rejects = rejects_of(result.rejected, result.rejects_file);
    if (!rejects.empty()) session.output().line(rejects);
  }
  return result.rejected > 0 ? 1 : 0;
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  auto* files =
      app.add_option("CSV", options->paths,
                     "CSV files with column IDs in the first row, or a folder that convert made");
  add_on_conflict(app, options->import.on_conflict);
  app.add_flag("--dry-run", options->import.dry_run, "Say what would be stored, and store nothing");
  add_strict(app, options->import.strict);
  add_via(app, options->via);
  add_abort(app, options->abort, files);
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace

Command import_command() {
  return {.name = "import",
          .summary = "Load CSV files of facts into a store",
          .examples =
              "prismctl import csv/0.csv csv/1.csv --store facts.db\n"
              "prismctl import csv/ --on-conflict update --dry-run",
          .add = add,
          .audited = true};
}

}  // namespace prismctl
