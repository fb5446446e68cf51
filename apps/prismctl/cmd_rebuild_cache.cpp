#include <algorithm>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/cache/dry_run_sink.hpp>
#include <prism/drivers/drivers.hpp>
#include <prism/setup/cache_rebuild.hpp>

#include "command.hpp"
#include "options.hpp"
#include "results.hpp"

namespace prismctl {
namespace {

using prism::cache::BuildReport;
using prism::cache::Family;

struct Options {
  std::vector<Family> only;
  bool dry_run = false;
  bool swap = false;
};

std::vector<Family> families_of(const Options& options) {
  if (options.only.empty()) return {prism::cache::kFamilies.begin(), prism::cache::kFamilies.end()};
  std::vector<Family> families;
  for (const Family family : prism::cache::kFamilies) {
    if (std::count(options.only.begin(), options.only.end(), family) > 0)
      families.push_back(family);
  }
  return families;
}

int rehearse(const Options& options, Session& session, prism::store::FactStore& store,
             prism::cache::CacheSink& sink) {
  prism::cache::DryRunSink compared(sink);
  prism::cache::BuildOptions build;
  build.families = families_of(options);
  const auto reader = store.read_facts();
  prism::cache::rebuild(*reader, compared, build, session.context());
  if (session.output().json()) {
    const auto difference = compared.difference();
    session.output().document({{"command", "rebuild-cache"},
                               {"dry_run", true},
                               {"keys", difference.total},
                               {"missing", difference.missing},
                               {"changed", difference.changed},
                               {"stale", difference.stale}});
  } else {
    session.output().line("dry run, nothing was written: " + compared.summary());
  }
  return 0;
}

int rebuild(const Options& options, Session& session, prism::store::FactStore& store,
            prism::cache::CacheSink& sink) {
  const auto lock = store.lock("rebuild-cache", session.lock_wait());
  const auto begin = std::chrono::steady_clock::now();
  auto context = session.context();
  const BuildReport report =
      prism::setup::rebuild_cache(store, sink, families_of(options), context);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (session.output().json()) {
    Json json{{"command", "rebuild-cache"}, {"dry_run", false}, {"seconds", seconds}};
    json.update(to_json(report));
    session.output().document(json);
  } else {
    session.output().line("cache rebuilt in " + prism::format_seconds(seconds) + ": " +
                          summary_of(report.meta));
  }
  return 0;
}

/// The cache to compare with; where it isn't there yet, an empty one in `scratch`.
std::unique_ptr<prism::cache::CacheSink> open_to_compare(Session& session,
                                                         const std::filesystem::path& scratch) {
  try {
    return session.open_cache(prism::Access::read);
  } catch (const prism::Error& e) {
    if (e.code() != prism::ErrorCode::input_missing) throw;
  }
  return prism::drivers::open_cache(
      {.url = (scratch / "empty.db").string(), .access = prism::Access::create}, session.log(),
      session.cancel());
}

int run(const Options& options, Session& session) {
  const auto store =
      session.open_store(options.dry_run ? prism::Access::read : prism::Access::write);
  const prism::TemporaryFolder scratch(std::filesystem::temp_directory_path(), "prismctl-cache-");
  const auto sink = options.dry_run ? open_to_compare(session, scratch.path())
                                    : session.open_cache(prism::Access::create, options.swap);
  if (!sink) {
    session.output().line("no cache is configured; nothing to do");
    if (session.output().json()) {
      session.output().document({{"command", "rebuild-cache"}, {"cache", nullptr}});
    }
    return 0;
  }
  return options.dry_run ? rehearse(options, session, *store, *sink)
                         : rebuild(options, session, *store, *sink);
}

Run add(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_choice(
      app, "--only", "facts|lineage|subtypes", "Rebuild only these, separated by commas",
      [options](std::size_t chosen) { options->only.push_back(prism::cache::kFamilies[chosen]); },
      true);
  app.add_flag("--dry-run", options->dry_run, "Say how many keys differ, and write nothing");
  app.add_flag("--swap", options->swap,
               "Build it in another database of the Redis server and exchange the two at the end");
  return [options](Session& session) { return run(*options, session); };
}

}  // namespace

Command rebuild_cache_command() {
  return {.name = "rebuild-cache",
          .summary = "Build the cache anew from the store",
          .examples =
              "prismctl rebuild-cache --store facts.db\n"
              "prismctl rebuild-cache --only lineage,subtypes --dry-run",
          .add = add,
          .audited = true,
          .pinged = "rebuild-cache"};
}

}  // namespace prismctl
