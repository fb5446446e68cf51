#include <fmt/format.h>

#include <prism/base/error.hpp>
#include <prism/base/files.hpp>
#include <prism/base/text.hpp>
#include <prism/gellish/table.hpp>
#include <prism/setup/converter.hpp>
#include <prism/setup/inputs.hpp>
#include <prism/setup/issues.hpp>
#include <prism/setup/output_folder.hpp>
#include <prism/sheet/csv.hpp>
#include <prism/uid/scan.hpp>

namespace prism::setup {
namespace {

namespace fs = std::filesystem;
using gellish::Record;
using gellish::Table;

constexpr std::uint64_t kReportEvery = 4096;

std::size_t first_visible_worksheet(const sheet::Workbook& workbook, const std::string& name) {
  const auto sheets = workbook.sheets();
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    if (sheets[i].worksheet && sheets[i].visibility == sheet::Visibility::visible) return i;
  }
  throw Error(ErrorCode::bad_data, name + ": no visible worksheet among its " +
                                       std::to_string(sheets.size()) + " sheets");
}

void write_header(FileWriter& writer, const gellish::Header& header) {
  std::string& out = writer.buffer();
  for (const gellish::Column& column : header.columns) out += std::to_string(column.id) + ',';
  out.back() = '\n';
}

void write_record(FileWriter& writer, const Record& record) {
  std::string& out = writer.buffer();
  for (const gellish::Field& field : record.fields()) {
    append_csv_field(out, field.text);
    out += ',';
  }
  out.back() = '\n';
  writer.flush_if_full();
}

/// A workbook whose rows are staged as CSV and scanned, on its way to permanent UIDs.
struct Staged {
  ConvertedFile file;
  uid::Scan scan;
  std::vector<uid::Temporary> temporaries;
};

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
    for (const fs::path& workbook : options_.workbooks) stage(workbook);
    if (rejects_in_folder() && issues_.rejected() > 0) folder_.claim("rejects.csv");
    issues_.finish();
    require_none_rejected(issues_, options_.strict);
    if (registry != nullptr) assign(*registry);
    folder_.publish(file_list());
    return result();
  }

 private:
  bool rejects_in_folder() const { return options_.rejects_file.empty(); }

  void require_output_is_ours() const {
    for (std::size_t i = 0; i < options_.workbooks.size(); ++i) {
      folder_.require_ours(fmt::format("{}.csv", i));
    }
    if (rejects_in_folder()) folder_.require_ours("rejects.csv");
  }

  void stage(const fs::path& path) {
    const std::string name = path.filename().string();
    const auto workbook = sheet::open_workbook(path);
    const std::size_t index = first_visible_worksheet(*workbook, name);
    const auto rows = workbook->rows(index);
    const auto form =
        workbook->format() == "csv" ? gellish::TableForm::csv : gellish::TableForm::workbook;
    Table table(*rows, {name, workbook->sheets()[index].name}, form, issues_);
    Staged staged{{fmt::format("{}.csv", staged_.size()), name, table.source().sheet},
                  uid::Scan(table.header(), options_.limits),
                  {}};
    context_.progress.begin("converting " + name, 0, "facts");
    write_rows(table, staged);
    context_.progress.end();
    staged_.push_back(std::move(staged));
  }

  void write_rows(Table& table, Staged& staged) {
    FileWriter writer(folder_.staged(staged.file.name));
    write_header(writer, table.header());
    const gellish::RowCheck check(table.header());
    Record record;
    while (table.next(record)) {
      if (record.row() % kReportEvery == 0) context_.cancel.check();
      if (const int fault = check.fault(record); fault >= 0) {
        issues_.reject(check.issue(table, record, fault));
        continue;
      }
      write_record(writer, record);
      staged.scan.add(record);
      if (++staged.file.facts % kReportEvery == 0) context_.progress.advance(kReportEvery);
    }
    writer.close();
  }

  void assign(uid::Registry& registry) {
    std::vector<std::string> names;
    for (const Staged& staged : staged_) names.push_back(staged.file.workbook);
    require_distinct(names);
    uid::Highest seen;
    std::vector<uid::Request> requests;
    for (Staged& staged : staged_) {
      staged.temporaries = staged.scan.temporaries();
      requests.push_back({staged.file.workbook, staged.temporaries, staged.scan.blanks()});
      seen.meet(staged.scan.highest());
    }
    auto assigned = registry.assign(requests, options_.limits, seen);
    for (std::size_t i = 0; i < staged_.size(); ++i) {
      taken_ += assigned[i].taken;
      if (!staged_[i].scan.needs_nothing()) rewrite(staged_[i], std::move(assigned[i]));
    }
  }

  /// The staged file again, with permanent UIDs.
  void rewrite(const Staged& staged, uid::Assigned assigned) {
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

  FileList file_list() const {
    FileList files;
    for (const Staged& staged : staged_) files[staged.file.name] = staged.file.workbook;
    if (rejects_in_folder() && issues_.rejected() > 0) files["rejects.csv"] = "";
    return files;
  }

  ConvertResult result() const {
    ConvertResult result;
    for (const Staged& staged : staged_) {
      result.files.push_back(staged.file);
      result.facts += staged.file.facts;
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
  std::vector<Staged> staged_;
  std::uint64_t taken_ = 0;
};

}  // namespace

ConvertResult convert(const ConvertOptions& options, uid::Registry* registry, Context& context) {
  return Converter(options, context).run(registry);
}

}  // namespace prism::setup
