#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/setup/cache_rebuild.hpp>
#include <prism/setup/run_record.hpp>
#include <prism/setup/seed.hpp>

namespace prism::setup {
namespace {

namespace fs = std::filesystem;

/// The seed before this one, if it went over the same workbooks and never came to its end.
std::optional<store::Run> unfinished(store::FactStore& store, const std::string& inputs) {
  auto last = store.history().latest("seed");
  if (!last || last->state == store::RunState::complete || last->inputs != inputs) {
    return std::nullopt;
  }
  return last;
}

class Seed {
 public:
  Seed(const SeedOptions& options, store::FactStore& store, cache::CacheSink* sink,
       Context& context)
      : options_(options), store_(store), sink_(sink), context_(context) {}

  SeedResult run() {
    record_.stage("checking");
    if (!options_.paths.empty()) workbooks_ = find_workbooks(options_.paths);
    const std::string inputs = fingerprint(workbooks_);
    const auto lock = store_.lock("seed", options_.lock_wait);
    record_.stage("migrating");
    store_.migrate();
    if (may_go_on(inputs)) {
      record_.attach(store_.history(), inputs);
      recorded([&] { stages(); });
    } else if (options_.admin) {
      admin_alone();
    }
    return std::move(result_);
  }

 private:
  void recorded(const std::function<void()>& work) {
    try {
      work();
    } catch (const std::exception& e) {
      record_.fail(e.what());
      throw;
    }
  }

  bool may_go_on(const std::string& inputs) {
    result_.facts_before = store_.info().facts;
    result_.nothing_done = options_.paths.empty();
    if (result_.nothing_done) return false;
    if (const auto last = unfinished(store_, inputs)) {
      result_.continued = store::last_stage(*last);
      context_.log.info(fmt::format("continuing the seed of {}, which ended in stage {}",
                                    last->started, result_.continued));
      return true;
    }
    if (result_.facts_before == 0 || options_.append) return true;
    result_.nothing_done = options_.if_empty;
    if (options_.if_empty) return false;
    throw Error(ErrorCode::refused,
                fmt::format("{}: holds {} facts already", store_.info().location,
                            with_separators(result_.facts_before)),
                "add to them with --append, or let --if-empty leave it at that");
  }

  void stages() {
    if (options_.admin) make_admin();
    // The import is one transaction: a run that was cut off behind it has its facts stored, unless
    // they were taken out since.
    const bool imported = result_.continued.starts_with("caching_") && result_.facts_before > 0;
    if (!imported) convert_and_import();
    if (sink_ != nullptr) {
      result_.cache = cache_stages(
          store_, *sink_, {cache::kFamilies.begin(), cache::kFamilies.end()}, record_, context_);
    }
    record_.complete("");
  }

  void make_admin() {
    record_.stage("creating_admin");
    result_.admin_made = ensure_admin(*options_.admin, context_.log);
  }

  /// A run of its own, over no workbooks. One that found all as it should be, such as at every
  /// start of a container, leaves the record of the seed before it.
  void admin_alone() {
    const auto last = store_.history().latest("seed");
    const bool sound = !last || last->state == store::RunState::complete;
    try {
      make_admin();
    } catch (const std::exception& e) {
      record_.attach(store_.history(), "");
      record_.fail(e.what());
      throw;
    }
    if (!result_.admin_made && sound) return;
    record_.attach(store_.history(), "");
    record_.complete("");
  }

  void convert_and_import() {
    std::optional<TemporaryFolder> temporary;
    ConvertOptions convert_options;
    convert_options.workbooks = workbooks_;
    convert_options.output = options_.csv_folder;
    convert_options.strict = options_.strict;
    convert_options.limits = options_.limits;
    if (options_.csv_folder.empty()) {
      temporary.emplace(fs::temp_directory_path(), "prismctl-seed-");
      convert_options.output = temporary->path();
      convert_options.rejects_file = "prismctl-rejects.csv";
    }
    record_.stage("converting");
    result_.converted = convert(convert_options, &store_.uids(), context_);
    record_.stage("importing");
    import(convert_options.output);
  }

  void import(const fs::path& folder) {
    ImportOptions import_options;
    for (const ConvertedFile& file : result_.converted.files) {
      import_options.files.push_back({folder / file.name, file.workbook});
    }
    import_options.on_conflict = options_.on_conflict;
    import_options.limits = options_.limits;
    import_options.checked_before = true;
    result_.imported = import_csv(import_options, store_, context_);
  }

  const SeedOptions& options_;
  store::FactStore& store_;
  cache::CacheSink* sink_;
  Context& context_;
  RunRecord record_{"seed"};
  std::vector<fs::path> workbooks_;
  SeedResult result_;
};

}  // namespace

SeedResult seed(const SeedOptions& options, store::FactStore& store, cache::CacheSink* sink,
                Context& context) {
  return Seed(options, store, sink, context).run();
}

}  // namespace prism::setup
