#include <mutex>
#include <thread>

#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/parallel.hpp>
#include <prism/base/text.hpp>
#include <prism/gellish/table.hpp>
#include <prism/setup/converter.hpp>
#include <prism/setup/fact_files.hpp>
#include <prism/setup/inputs.hpp>
#include <prism/setup/issues.hpp>
#include <prism/setup/output_folder.hpp>
#include <prism/setup/staged_sheet.hpp>
#include <prism/sheet/csv.hpp>

namespace prism::setup {
namespace {

namespace fs = std::filesystem;
using gellish::Record;
using gellish::Table;

constexpr std::uint64_t kReportEvery = 4096;

class Converter {
 public:
  Converter(const ConvertOptions& options, Context& context)
      : options_(options),
        context_(context),
        folder_(options.output),
        issues_(context.log, options.rejects_file.empty() ? options.output / "rejects.csv"
                                                          : options.rejects_file) {}

  ConvertResult run(uid::Registry* registry) {
    require_output_is_ours();
    stage_all();
    if (rejects_in_folder() && issues_.rejected() > 0) folder_.claim("rejects.csv");
    issues_.finish();
    require_none_rejected(issues_, options_.strict);
    if (registry != nullptr) assign(*registry);
    if (options_.files != nullptr) write_fact_files(registry != nullptr);
    folder_.publish(file_list());
    return result();
  }

 private:
  bool rejects_in_folder() const { return options_.rejects_file.empty(); }

  void require_output_is_ours() const {
    for (const std::string& name : names()) folder_.require_ours(name);
    if (rejects_in_folder()) folder_.require_ours("rejects.csv");
  }

  std::vector<std::string> names() const {
    if (options_.files != nullptr) return options_.files->names();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < options_.workbooks.size(); ++i) {
      names.push_back(fmt::format("{}.csv", i));
    }
    return names;
  }

  void stage_all() {
    const auto& workbooks = options_.workbooks;
    context_.progress.begin(workbooks.size() == 1
                                ? "converting " + workbooks.front().filename().string()
                                : fmt::format("converting {} workbooks", workbooks.size()),
                            0, options_.raw ? "rows" : "facts");
    std::mutex mutex;  // a Progress is called by one thread at a time
    const auto advance = [&](std::uint64_t count) {
      const std::lock_guard lock(mutex);
      context_.progress.advance(count);
    };
    staged_.resize(workbooks.size());
    const std::size_t jobs =
        options_.jobs > 0 ? options_.jobs : std::max(1U, std::thread::hardware_concurrency());
    run_parallel(workbooks.size(), jobs, [&](std::size_t i) {
      const fs::path csv = folder_.staged(fmt::format("{}.csv", i));
      staged_[i] = stage_sheet(options_, workbooks[i], csv, context_.cancel, advance);
    });
    context_.progress.end();
    for (StagedSheet& staged : staged_) issues_.take(*staged.issues);
  }

  void assign(uid::Registry& registry) {
    std::vector<std::string> names;
    for (const StagedSheet& staged : staged_) names.push_back(staged.file.workbook);
    require_distinct(names);
    uid::Highest seen;
    std::vector<uid::Request> requests;
    for (StagedSheet& staged : staged_) {
      staged.temporaries = staged.scan->temporaries();
      requests.push_back({staged.file.workbook, staged.temporaries, staged.scan->blanks()});
      seen.meet(staged.scan->highest());
    }
    auto assigned = registry.assign(requests, options_.limits, seen);
    for (std::size_t i = 0; i < staged_.size(); ++i) {
      taken_ += assigned[i].taken;
      if (staged_[i].needs_uids()) rewrite(staged_[i], std::move(assigned[i]));
    }
  }

  /// The staged file again, with permanent UIDs.
  void rewrite(const StagedSheet& staged, uid::Assigned assigned) {
    const fs::path file = folder_.staged(staged.file.name);
    const fs::path resolved = folder_.staged(staged.file.name + ".resolved");
    gellish::NoIssues no_issues;
    const auto rows = sheet::open_csv(file)->rows(0);
    Table table(*rows, {staged.file.name, ""}, gellish::TableForm::csv, no_issues);
    uid::Resolver resolver(table.header(), options_.limits, staged.temporaries,
                           std::move(assigned));
    FileWriter writer(resolved);
    write_header(writer, table.header());
    Record record;
    while (table.next(record)) {
      if (record.row() % kReportEvery == 0) context_.cancel.check();
      resolver.resolve(record);
      write_record(writer, record);
    }
    writer.close();
    fs::rename(resolved, file);
  }

  /// The staged files are what they are made of, and are not published themselves.
  void write_fact_files(bool permanent) {
    std::vector<CsvInput> inputs;
    for (const StagedSheet& staged : staged_) {
      if (!permanent && staged.needs_uids()) refuse_temporary(staged.file.workbook);
      inputs.push_back({folder_.staged(staged.file.name), staged.file.workbook});
    }
    made_ = setup::write_fact_files(inputs, folder_.staging(), *options_.files, context_);
  }

  [[noreturn]] static void refuse_temporary(const std::string& workbook) {
    throw Error(ErrorCode::bad_data,
                in_quotes(workbook) +
                    " has temporary or blank UIDs, and a database takes permanent ones only",
                "--uids assign gives them permanent ones");
  }

  FileList file_list() const {
    FileList files;
    if (options_.files != nullptr) {
      for (const store::FactFile& file : made_.files) files[file.name] = "";
    } else {
      for (const StagedSheet& staged : staged_) files[staged.file.name] = staged.file.workbook;
    }
    if (rejects_in_folder() && issues_.rejected() > 0) files["rejects.csv"] = "";
    return files;
  }

  ConvertResult result() const {
    ConvertResult result;
    for (const StagedSheet& staged : staged_) {
      result.files.push_back(staged.file);
      result.facts += staged.file.facts;
    }
    if (options_.files != nullptr) {
      result.facts = made_.facts;
      result.unchanged = made_.unchanged;
      result.fact_files = made_.files;
    }
    result.rejected = issues_.rejected();
    result.warnings = issues_.warnings();
    result.uids_taken = taken_;
    if (issues_.rejected() > 0) result.rejects_file = issues_.rejects_file();
    return result;
  }

  const ConvertOptions& options_;
  Context& context_;
  OutputFolder folder_;
  IssueCollector issues_;
  std::vector<StagedSheet> staged_;
  FactFilesResult made_;
  std::uint64_t taken_ = 0;
};

}  // namespace

ConvertResult convert(const ConvertOptions& options, uid::Registry* registry, Context& context) {
  return Converter(options, context).run(registry);
}

}  // namespace prism::setup
